/* A random tree that takes every way out of treefall's sight.
 *
 *   grove MARK COUNT SEED [WORD...]
 *   grove canary
 *
 * makes COUNT processes at most, the same ones for the same SEED. Their number is a counter that
 * all share, read back before the first fork; where an unprivileged user runs it, RLIMIT_NPROC must
 * be a cap too. MARK, a folder, stays in the command line of each, so that a test finds them.
 *
 *   wait       makes the tree when SIGUSR1 comes
 *   no-orphans no member is orphaned
 *   no-hops    no member goes on in a child of its own and ends
 *   life=MS    the ward ends by itself with status 7
 *   beats=MS   it touches TREEFALL_HEARTBEAT for so long
 *   guard      libtreefall guards it (where it is linked) */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef LIBRARY
#include <treefall.h>
#endif

#define COUNT_AT_MOST 2000
#define NPROC_AT_MOST 8000
#define LIFE_S        150 /* whatever happens: longer than any test waits */
#define HOPS          100
#define STATUS        7

struct shared {
    atomic_int left; /* processes that may still be made */
    atomic_int hops; /* that may still be made: each leaves a dead process for somebody to reap */
    int count;
};

static struct shared *shared;
static uint64_t state;
static int may_orphan = 1;
static int may_hop = 1;
static char **words;

static unsigned pick(unsigned below)
{
    state += 0x9e3779b97f4a7c15ULL;
    uint64_t mixed = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return (unsigned)((mixed ^ (mixed >> 31)) % below);
}

static void pause_ms(long ms)
{
    struct timespec gap = {ms / 1000, ms % 1000 * 1000000};
    while (nanosleep(&gap, &gap) < 0 && errno == EINTR)
        ;
}

/* The child's random numbers follow from its parent's, not from the moment. */
static pid_t branch(void)
{
    uint64_t seed = ((uint64_t)pick(1U << 30) << 32) ^ pick(1U << 30);
    if (atomic_fetch_sub(&shared->left, 1) <= 0)
        return -1;
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    state = seed;
    alarm(LIFE_S);
    return 0;
}

static _Noreturn void linger(void)
{
    for (;;)
        pause();
}

/* On and on in a child of its own: a fork in the middle of each pass of whoever kills. */
static _Noreturn void hop(void)
{
    while (atomic_fetch_sub(&shared->hops, 1) > 0) {
        pause_ms(2 + pick(15));
        pid_t pid = fork();
        if (pid > 0)
            _exit(0);
        if (pid == 0)
            alarm(LIFE_S);
    }
    linger();
}

static _Noreturn void grow(int depth);

static void be_session(void)
{
    setsid();
}

static void be_group(void)
{
    setpgid(0, 0);
}

static void be_orphan(void)
{
    if (may_orphan && fork() > 0)
        _exit(0);
    alarm(LIFE_S);
}

static void be_daemon(void)
{
    setsid();
    be_orphan();
    if (chdir("/") < 0)
        _exit(99);
    syscall(SYS_close_range, 0U, ~0U, 0);
}

static void be_stubborn(void)
{
    for (int number = 1; number < NSIG; number++)
        if (number != SIGALRM && number != SIGCHLD)
            signal(number, SIG_IGN);
}

static void be_reaper(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    signal(SIGCHLD, SIG_IGN);
}

/* Of root alone; else nothing happens. Its first child is the init of the new namespace. */
static void be_namespace(void)
{
    if (unshare(CLONE_NEWPID) < 0)
        return;
    pid_t pid = fork();
    if (pid < 0)
        _exit(99);
    if (pid > 0)
        linger();
    alarm(LIFE_S);
}

/* Another program image without an environment. */
static void be_scrubbed(void)
{
    char *environment[] = {NULL};
    char *argv[] = {words[0], words[1], (char *)"0", (char *)"0", NULL};
    execve("/proc/self/exe", argv, environment);
}

static void *fork_in_thread(void *unused)
{
    if (branch() == 0)
        linger();
    return unused;
}

static void be_threaded(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, fork_in_thread, NULL) == 0)
        pthread_join(thread, NULL);
}

static void be_short(void)
{
    pause_ms(pick(400));
    _exit(0);
}

static void be_hopping(void)
{
    if (may_hop && may_orphan)
        hop();
}

static void be_plain(void)
{
}

static void (*const kinds[])(void) = {
    be_plain,  be_plain, be_session,   be_group,    be_orphan,   be_daemon,  be_stubborn,
    be_reaper, be_short, be_namespace, be_scrubbed, be_threaded, be_hopping,
};

static _Noreturn void be_member(int depth)
{
    kinds[pick(sizeof kinds / sizeof *kinds)]();
    if (pick(3) == 0)
        linger();
    grow(depth + 1);
}

static void sprout(int depth)
{
    unsigned children = 1 + pick(depth < 3 ? 12 : 4);
    while (children-- > 0) {
        pid_t pid = branch();
        if (pid < 0)
            return;
        if (pid == 0)
            be_member(depth);
        if (pick(4) == 0)
            pause_ms(pick(3));
    }
}

static _Noreturn void grow(int depth)
{
    sprout(depth);
    linger();
}

/* ---- the ward ---- */

static void refuse(const char *what)
{
    fprintf(stderr, "grove: %s: not one fork\n", what);
    exit(99);
}

static void read_cap(const char *count)
{
    struct rlimit limit;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        refuse("no counter");
    shared->left = shared->count = atoi(count);
    shared->hops = HOPS;
    if (shared->left != shared->count || shared->count < 0 || shared->count > COUNT_AT_MOST)
        refuse("no cap in the counter");
    if (getuid() != 0 && (getrlimit(RLIMIT_NPROC, &limit) < 0 || limit.rlim_cur > NPROC_AT_MOST))
        refuse("no cap by RLIMIT_NPROC");
}

static void touch(void)
{
    const char *path = getenv("TREEFALL_HEARTBEAT");
    if (path)
        utimensat(AT_FDCWD, path, NULL, 0);
}

static void start_guard(void)
{
#ifdef LIBRARY
    struct treefall_options options = {.kill_delay_ms = 600000};
    struct treefall *guard;
    if (treefall_start(&options, &guard) != 0)
        refuse("no guard");
#endif
}

static long ms_of(const char *word, const char *name)
{
    size_t length = strlen(name);
    return strncmp(word, name, length) == 0 ? atol(word + length) : -1;
}

static void live(long life_ms, long beats_ms)
{
    for (long ms = 0; life_ms < 0 || ms < life_ms; ms += 20) {
        if (ms < beats_ms)
            touch();
        pause_ms(20);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    }
}

/* It lives as long as who started it. */
static _Noreturn void be_canary(void)
{
    pid_t parent = getppid();
    while (getppid() == parent)
        pause_ms(500);
    exit(0);
}

int main(int argc, char **argv)
{
    long life_ms = -1;
    long beats_ms = -1;
    sigset_t order;
    int number;
    if (argc < 4)
        be_canary();
    if (atoi(argv[2]) == 0)
        linger(); /* it was scrubbed */
    words = argv;
    state = strtoull(argv[3], NULL, 10);
    read_cap(argv[2]);
    sigemptyset(&order);
    sigaddset(&order, SIGUSR1);
    sigprocmask(SIG_BLOCK, &order, NULL);
    for (int i = 4; i < argc; i++) {
        may_orphan &= strcmp(argv[i], "no-orphans") != 0;
        may_hop &= strcmp(argv[i], "no-hops") != 0;
        life_ms = ms_of(argv[i], "life=") >= 0 ? ms_of(argv[i], "life=") : life_ms;
        beats_ms = ms_of(argv[i], "beats=") >= 0 ? ms_of(argv[i], "beats=") : beats_ms;
        if (strcmp(argv[i], "guard") == 0)
            start_guard();
        if (strcmp(argv[i], "wait") == 0)
            sigwait(&order, &number);
    }
    alarm(LIFE_S);
    touch();
    sprout(0);
    live(life_ms, beats_ms);
    return STATUS;
}
