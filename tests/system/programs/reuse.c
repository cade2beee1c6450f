/* Numbers that pass to a stranger between two steps of treefall's own.
 *
 *   reuse TREEFALL UID COUNT SEED [only=WAY] [host] [verbose]
 *
 * A supervisor, pid 1 of a namespace of its own, gets a notice (seccomp) at the entry of each
 * system call by which a guard looks at, holds, brands or signals a process by its number. In each
 * trial, at one such call that names one chosen member, the member is killed and reaped and a
 * stranger of the same user, name and group is born with its number; only then the call goes on.
 * The index of that call runs from the first to the last of a run, for each way in which a tree can
 * be killed. `host` stays in the first namespace, where fork events are told.
 *
 * Prints one line for each pair of calls, `gap FROM TO REUSES INNOCENTS SURVIVORS BRANDED`, one for
 * each failed trial, and `total ...` in the end. COUNT is of reuses. Status 77: not permitted here.
 *
 *   reuse member     the command that is guarded: it makes a small tree */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_send_signal 424
#define SYS_pidfd_open        434
#endif
#define SETOWN_EX 15 /* F_SETOWN_EX */

#define PAGE_FD  50
#define LIMIT_MS 60000
#define TICK_MS  10
#define QUIET_MS 10
#define LOOK_MS  50

enum member { WARD, PLAIN, DAEMON, CHILD, MEMBERS };

/* A tree of `run` has a daemon, whose parent is dead. One that is attached to has none, as what was
 * orphaned before cannot be seen; and of a dead leader only its session is left. */
enum shape { WITH_DAEMON, WITH_SESSION, ONE_SESSION };

struct page {
    int shape;
    atomic_int ready;
    atomic_int strangers; /* that are what a stranger is to be */
    pid_t pids[MEMBERS];
};

static struct page *page;

static void die(const char *what)
{
    fprintf(stderr, "reuse: %s: %s\n", what, strerror(errno));
    exit(errno == EPERM ? 77 : 99);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* ---- the tree ---- */

static void stay(enum member member)
{
    page->pids[member] = getpid();
    atomic_fetch_add(&page->ready, 1);
    for (;;)
        pause();
}

static void be_daemon(void)
{
    if (page->shape != ONE_SESSION)
        setsid();
    if (page->shape == WITH_DAEMON && fork() > 0)
        _exit(0);
    if (fork() == 0) {
        /* The number of a session's leader is free only when the session is over. */
        if (page->shape == WITH_SESSION)
            setsid();
        stay(CHILD);
    }
    stay(DAEMON);
}

/* Children of those that ignore SIGCHLD are reaped at once, so that their numbers are free. */
static int be_ward(void)
{
    sigset_t order;
    int number;
    sigemptyset(&order);
    sigaddset(&order, SIGUSR1);
    sigprocmask(SIG_BLOCK, &order, NULL);
    signal(SIGCHLD, SIG_IGN);
    page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, PAGE_FD, 0);
    if (page == MAP_FAILED)
        die("the page");
    close(PAGE_FD);
    page->pids[WARD] = getpid();
    if (fork() == 0)
        stay(PLAIN);
    if (fork() == 0)
        be_daemon();
    atomic_fetch_add(&page->ready, 1);
    sigwait(&order, &number);
    return 0;
}

/* ---- the ways ---- */

enum mode { RUN, WATCH, KILL, KILL_DEAD };
enum trigger { WARD_ENDS, ASKED, WRAPPER_KILLED, TWO_KILLED, ALL_KILLED };

static const char *const trigger_names[] = {"ward-ends", "asked", "wrapper-killed", "two-killed",
                                            "all-killed"};
static const char *const member_names[] = {"ward", "plain", "daemon", "child"};

struct way {
    const char *name;
    enum mode mode;
    enum shape shape;
    unsigned triggers; /* bits */
    unsigned victims;  /* bits */
    int lookers;       /* guards that must have seen the members before the trigger */
    const char *words[7];
};

#define BIT(n)      (1U << (n))
#define EVERY       (BIT(ALL_KILLED + 1) - 1)
#define DESCENDANTS (BIT(PLAIN) | BIT(DAEMON) | BIT(CHILD))

static const struct way ways[] = {
    {"run", RUN, WITH_DAEMON, EVERY, DESCENDANTS, 0, {NULL}},
    {"run-report", RUN, WITH_DAEMON, EVERY, DESCENDANTS, 0, {"--report", "r.json", NULL}},
    {"run-keep", RUN, WITH_DAEMON, EVERY, DESCENDANTS, 0, {"--keep", "absent", NULL}},
    {"run-brand", RUN, WITH_DAEMON, EVERY, DESCENDANTS, 0, {"--without", "cgroup", NULL}},
    {"run-brand-report",
     RUN,
     WITH_DAEMON,
     EVERY,
     DESCENDANTS,
     0,
     {"--without", "cgroup", "--report", "r.json", "--keep", "absent", NULL}},
    {"run-brand-alone",
     RUN,
     WITH_DAEMON,
     EVERY,
     DESCENDANTS,
     0,
     {"--without", "cgroup,subreaper", NULL}},
    {"run-subreaper",
     RUN,
     WITH_SESSION,
     EVERY,
     DESCENDANTS,
     1,
     {"--without", "cgroup,brand", NULL}},
    {"run-lineage",
     RUN,
     WITH_SESSION,
     BIT(WARD_ENDS) | BIT(ASKED) | BIT(WRAPPER_KILLED),
     DESCENDANTS,
     2,
     {"--without", "cgroup,brand,subreaper", NULL}},
    {"watch",
     WATCH,
     WITH_SESSION,
     BIT(WARD_ENDS) | BIT(WRAPPER_KILLED) | BIT(TWO_KILLED),
     DESCENDANTS | BIT(WARD),
     1,
     {NULL}},
    {"watch-lineage",
     WATCH,
     WITH_SESSION,
     BIT(WARD_ENDS),
     DESCENDANTS,
     1,
     {"--without", "brand", NULL}},
    {"kill", KILL, WITH_SESSION, BIT(WARD_ENDS), DESCENDANTS | BIT(WARD), 0, {NULL}},
    {"kill-grace", KILL, WITH_SESSION, BIT(WARD_ENDS), DESCENDANTS, 0, {"--grace", "50ms", NULL}},
    {"kill-dead", KILL_DEAD, ONE_SESSION, BIT(WARD_ENDS), DESCENDANTS, 0, {NULL}},
};

#define WAYS (sizeof ways / sizeof *ways)

/* ---- the supervisor ---- */

enum call { NO_CALL, OPEN, LOOK, BRAND, SET_BRAND, SIGNAL, WIRE, PROBE, CALLS };

static const char *const call_names[] = {"-",           "pidfd_open", "proc", "prlimit-get",
                                         "prlimit-set", "signal",     "wire", "kill"};

struct guard_calls {
    pid_t tid;
    enum call last; /* that named the victim */
    unsigned seen;  /* members, as bits */
    int looks;      /* at all of them */
};

struct trial {
    const struct way *way;
    enum trigger trigger;
    enum member victim;
    enum call kind;      /* of the calls that count; NO_CALL: each */
    int wanted;          /* index of the call */
    int calls;           /* that named the victim and count */
    int number_is_known; /* one that a user gave is the victim's once it is held */
    int swapped;
    int held;       /* dead, but its parent had not reaped it */
    int unfollowed; /* the number stays free: that is no reuse, and no survivor either */
    enum call from;
    enum call to;
    pid_t treefall;
    int treefall_ended;
    int status;
    int lookers;
    int64_t called_ms; /* the last call that named a member */
    pid_t stranger;
    int listener;
    struct guard_calls guards[16];
};

static const char *treefall;
static uid_t user;
static pid_t canary;
static pid_t supervisor;
static int stays_on_host;
static int is_verbose;
static struct trial trial;

struct count {
    long reuses;
    long innocents;
    long survivors;
    long branded;
};

static struct count counts[CALLS][CALLS];
static struct count way_counts[WAYS];
static struct count total;
static long held_count;
static long false_alarms;

static long read_file(const char *path, char *text, size_t capacity)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    long got = fd < 0 ? -1 : read(fd, text, capacity - 1);
    if (fd >= 0)
        close(fd);
    text[got > 0 ? got : 0] = '\0';
    return got;
}

struct row {
    char name[20];
    char state;
    pid_t parent;
    long long start;
};

static int read_row(pid_t pid, struct row *row)
{
    char path[40];
    char text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    if (read_file(path, text, sizeof text) <= 0)
        return 0;
    char *open = strchr(text, '(');
    char *close = strrchr(text, ')');
    if (!open || !close)
        return 0;
    *close = '\0';
    snprintf(row->name, sizeof row->name, "%s", open + 1);
    return sscanf(close + 2,
                  "%c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %lld",
                  &row->state, &row->parent, &row->start) == 3;
}

static void become_user(void)
{
    if (user != 0 && (setresgid(user, user, user) < 0 || setresuid(user, user, user) < 0))
        die("setresuid");
    prctl(PR_SET_DUMPABLE, 1);
}

/* As what a shell beside would start: the same name, user, session and group. */
static pid_t start_stranger(pid_t number)
{
    pid_t numbers[] = {number};
    struct clone_args args = {.exit_signal = SIGCHLD,
                              .set_tid = number ? (uintptr_t)numbers : 0,
                              .set_tid_size = number ? 1 : 0};
    int before = page->strangers;
    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        become_user();
        atomic_fetch_add(&page->strangers, 1);
        for (;;)
            pause();
    }
    while (pid > 0 && page->strangers == before)
        sched_yield();
    return pid;
}

/* A process that starts in the same tick as another that had its number has its identity too. */
static void wait_for_next_tick(long long start)
{
    const struct timespec moment = {0, 500000};
    while (now_ms() / TICK_MS <= start)
        nanosleep(&moment, NULL);
}

/* True once the number is free. A parent that is a guard reaps when it comes to it. */
static int end_member(pid_t pid)
{
    const struct timespec moment = {0, 50000};
    struct row row;
    kill(pid, SIGKILL);
    for (int i = 0; i < 2000; i++) {
        waitpid(pid, NULL, WNOHANG | __WALL);
        if (kill(pid, 0) < 0 && errno == ESRCH)
            return 1;
        if (read_row(pid, &row) && row.state == 'Z' && row.parent != getpid() && i > 20)
            return 0;
        nanosleep(&moment, NULL);
    }
    return 0;
}

static void swap(enum call from, enum call to)
{
    pid_t victim = page->pids[trial.victim];
    struct row row;
    if (!read_row(victim, &row) || row.state == 'Z')
        return;
    wait_for_next_tick(row.start);
    if (!end_member(victim) || trial.unfollowed) {
        trial.held = 1;
        return;
    }
    /* The kernel frees a number a moment after it forgets the process. */
    for (int i = 0; i < 100 && (trial.stranger = start_stranger(victim)) < 0; i++)
        usleep(50);
    if (trial.stranger < 0 && errno == EEXIST) { /* still a group's or a session's */
        trial.held = 1;
        return;
    }
    if (trial.stranger != victim)
        die("clone3 with a number");
    trial.swapped = 1;
    for (size_t i = 0; i < sizeof trial.guards / sizeof *trial.guards; i++)
        trial.guards[i].seen = trial.guards[i].looks = 0;
    trial.from = from;
    trial.to = to;
}

/* ---- processes of the trial ---- */

#define FOUND_MOST 4096

struct found {
    pid_t pid;
    pid_t parent;
    int is_guard;
    char name[20];
};

static struct found found[FOUND_MOST];
static size_t found_count;

static struct found *find(pid_t pid)
{
    for (size_t i = 0; i < found_count; i++)
        if (found[i].pid == pid)
            return &found[i];
    return NULL;
}

/* We are the reaper of all that a trial starts. */
static int is_descendant(pid_t pid)
{
    for (int steps = 0; steps < 100 && pid > 1; steps++) {
        const struct found *at = find(pid);
        pid = at ? at->parent : 0;
        if (pid == supervisor)
            return 1;
    }
    return 0;
}

static int is_known(pid_t pid)
{
    return pid == canary || (trial.swapped && pid == trial.stranger);
}

static void find_all(void)
{
    DIR *folder = opendir("/proc");
    const struct dirent *entry;
    struct row row;
    found_count = 0;
    if (!folder)
        die("/proc");
    while ((entry = readdir(folder)) && found_count < FOUND_MOST) {
        pid_t pid = atoi(entry->d_name);
        if (pid <= 0 || !read_row(pid, &row) || row.state == 'Z')
            continue;
        struct found *next = &found[found_count++];
        *next = (struct found){pid, row.parent, strncmp(row.name, "treefall", 8) == 0, ""};
        memcpy(next->name, row.name, sizeof next->name);
    }
    closedir(folder);
}

/* How many of the trial live, or those of them that are guards. */
static int count_left(int guards_alone)
{
    int count = 0;
    find_all();
    for (size_t i = 0; i < found_count; i++)
        count += is_descendant(found[i].pid) && !is_known(found[i].pid) &&
                 (!guards_alone || found[i].is_guard);
    return count;
}

static int count_named(const char *name)
{
    int count = 0;
    find_all();
    for (size_t i = 0; i < found_count; i++)
        count += strncmp(found[i].name, name, strlen(name)) == 0 && is_descendant(found[i].pid);
    return count;
}

static int all_gone(void)
{
    return trial.treefall_ended && count_left(0) == 0;
}

static void kill_left(void)
{
    find_all();
    for (size_t i = 0; i < found_count; i++)
        if (is_descendant(found[i].pid) && !is_known(found[i].pid))
            kill(found[i].pid, SIGKILL);
}

static void reap_all(void)
{
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG | __WALL)) > 0)
        if (pid == canary || (trial.swapped && pid == trial.stranger))
            fprintf(stderr, "reuse: %d is dead\n", pid);
}

/* ---- what a call names ---- */

static int read_memory(pid_t pid, uint64_t address, void *out, size_t size)
{
    struct iovec local = {out, size};
    struct iovec remote = {(void *)(uintptr_t)address, size};
    return process_vm_readv(pid, &local, 1, &remote, 1, 0) > 0;
}

static pid_t named_by_path(pid_t caller, uint64_t address)
{
    char path[64] = "";
    int number = 0;
    if (!read_memory(caller, address, path, sizeof path - 1) ||
        sscanf(path, "/proc/%d/", &number) != 1)
        return 0;
    return number;
}

static pid_t named_by_pidfd(pid_t caller, int fd)
{
    char path[64];
    char text[512];
    int number = 0;
    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", caller, fd);
    if (read_file(path, text, sizeof text) <= 0)
        return 0;
    const char *at = strstr(text, "Pid:\t");
    return at && sscanf(at, "Pid:\t%d", &number) == 1 ? number : 0;
}

static pid_t named_by_owner(pid_t caller, uint64_t address)
{
    int owner[2] = {0, 0};
    return read_memory(caller, address, owner, sizeof owner) ? owner[1] : 0;
}

static pid_t named(const struct seccomp_notif *notice, enum call *call)
{
    const struct seccomp_data *data = &notice->data;
    pid_t caller = (pid_t)notice->pid;
    switch (data->nr) {
    case SYS_pidfd_open:
        *call = OPEN;
        return (pid_t)data->args[0];
    case SYS_prlimit64:
        *call = data->args[2] ? SET_BRAND : BRAND;
        return (pid_t)data->args[0];
    case SYS_kill:
        *call = PROBE;
        return (pid_t)data->args[0];
    case SYS_pidfd_send_signal:
        *call = SIGNAL;
        return named_by_pidfd(caller, (int)data->args[0]);
    case SYS_fcntl:
        *call = WIRE;
        return named_by_owner(caller, data->args[2]);
    case SYS_openat:
        *call = LOOK;
        return named_by_path(caller, data->args[1]);
#ifdef SYS_open
    case SYS_open:
        *call = LOOK;
        return named_by_path(caller, data->args[0]);
#endif
    default:
        *call = NO_CALL;
        return 0;
    }
}

static struct guard_calls *calls_of(pid_t tid)
{
    size_t most = sizeof trial.guards / sizeof *trial.guards;
    for (size_t i = 0; i < most; i++) {
        if (trial.guards[i].tid == 0)
            trial.guards[i].tid = tid;
        if (trial.guards[i].tid == tid)
            return &trial.guards[i];
    }
    return &trial.guards[most - 1];
}

static int count_lookers(int looks)
{
    int count = 0;
    for (size_t i = 0; i < sizeof trial.guards / sizeof *trial.guards; i++)
        count += trial.guards[i].looks >= looks;
    return count;
}

/* Of a tree that is attached to, what is orphaned before the first look cannot be told. */
static int orphans_unseen(void)
{
    int needed = trial.lookers > 0 ? trial.lookers : 1;
    int is_parent = trial.victim == WARD || trial.victim == DAEMON;
    return is_parent && trial.way->shape == WITH_SESSION && count_lookers(1) < needed;
}

static void note_look(struct guard_calls *guard, pid_t pid)
{
    unsigned unneeded = BIT(WARD) | (trial.swapped || trial.held ? BIT(trial.victim) : 0);
    for (int i = 0; i < MEMBERS; i++)
        if (pid == page->pids[i])
            guard->seen |= BIT(i);
    trial.called_ms = now_ms();
    if ((guard->seen | unneeded) != BIT(MEMBERS) - 1)
        return;
    guard->seen = 0;
    guard->looks++;
}

static void at_call(const struct seccomp_notif *notice)
{
    enum call call;
    pid_t pid = named(notice, &call);
    struct guard_calls *guard = calls_of((pid_t)notice->pid);
    if (pid <= 0 || page->ready < MEMBERS)
        return;
    if (pid == page->pids[trial.victim]) {
        int counts = trial.number_is_known && !trial.swapped && !trial.held && !orphans_unseen();
        counts &= trial.kind == NO_CALL || trial.kind == call;
        if (counts && trial.calls++ == trial.wanted)
            swap(guard->last, call);
        trial.number_is_known |= call == OPEN;
        guard->last = call;
    }
    note_look(guard, pid);
}

/* False if there was none to serve. */
static int serve(int timeout_ms)
{
    struct pollfd ready = {.fd = trial.listener, .events = POLLIN};
    struct seccomp_notif notice;
    if (poll(&ready, 1, timeout_ms) != 1 || !(ready.revents & POLLIN))
        return 0;
    memset(&notice, 0, sizeof notice);
    if (ioctl(trial.listener, SECCOMP_IOCTL_NOTIF_RECV, &notice) < 0)
        return 0;
    at_call(&notice);
    struct seccomp_notif_resp answer = {.id = notice.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    ioctl(trial.listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    return 1;
}

/* ---- starting ---- */

#define LOAD(field)    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, action)
#define NOTIFY_IF(number)                                                                          \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), RETURN(SECCOMP_RET_USER_NOTIF)

static int listen_to_self(void)
{
    static struct sock_filter filter[] = {
        LOAD(nr),
        NOTIFY_IF(SYS_pidfd_open),
        NOTIFY_IF(SYS_pidfd_send_signal),
        NOTIFY_IF(SYS_openat),
        NOTIFY_IF(SYS_kill),
#ifdef SYS_open
        NOTIFY_IF(SYS_open),
#endif
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prlimit64, 0, 3),
        LOAD(args[0]),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 5, 0),
        RETURN(SECCOMP_RET_USER_NOTIF),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fcntl, 0, 3),
        LOAD(args[1]),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SETOWN_EX, 0, 1),
        RETURN(SECCOMP_RET_USER_NOTIF),
        RETURN(SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

struct start {
    char *const *argv;
    int page_fd;
    int null;
    int listener;
};

/* The table of descriptors is shared until the exec: so the listener stays ours. We wait for that
 * exec, and answer no call meanwhile: behind the filter nothing is called that it tells of. */
static int start_filtered(void *context)
{
    struct start *start = context;
    start->listener = listen_to_self();
    if (start->listener < 0 || unshare(CLONE_FILES) < 0 || dup2(start->page_fd, PAGE_FD) < 0)
        _exit(99);
    for (int fd = 1; fd <= 2 && !is_verbose; fd++)
        dup2(start->null, fd);
    become_user();
    execv(start->argv[0], start->argv);
    _exit(99);
}

static int page_fd;
static int null_fd;

static void start_treefall(char *const *argv)
{
    static char stack[65536];
    struct start start = {argv, page_fd, null_fd, -1};
    __u64 flags = 1; /* SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP */
    trial.treefall = clone(start_filtered, stack + sizeof stack,
                           CLONE_FILES | CLONE_VM | CLONE_VFORK | SIGCHLD, &start);
    if (trial.treefall < 0 || start.listener < 0)
        die("start a filtered program");
    trial.listener = start.listener;
    ioctl(trial.listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, flags);
}

static void start_ward(void)
{
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid > 0)
        return;
    dup2(page_fd, PAGE_FD);
    if (page->shape == ONE_SESSION)
        setsid();
    become_user();
    execl("/proc/self/exe", "reuse", "member", NULL);
    _exit(99);
}

static void collect(void)
{
    int status;
    if (trial.treefall > 0 && !trial.treefall_ended &&
        waitpid(trial.treefall, &status, WNOHANG) == trial.treefall) {
        trial.treefall_ended = 1;
        trial.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
}

static int is_complete(void)
{
    return page->ready >= MEMBERS;
}

static int has_ended(void)
{
    return trial.treefall_ended;
}

static int was_swapped(void)
{
    return trial.swapped;
}

/* A look names a member twice, with --keep up to five times. Behind the next time one is over: till
 * it is, the wire does not hold what it found. */
static int all_seen(void)
{
    return count_lookers(6) >= trial.lookers && now_ms() - trial.called_ms >= QUIET_MS &&
           (trial.way->mode != WATCH || count_named("treefall-sent") > 0);
}

/* To look at all processes takes long: guards that call are not kept waiting for it. */
static int serve_until(int (*done)(void), int64_t budget_ms)
{
    int64_t end = now_ms() + budget_ms;
    while (!done() && now_ms() < end) {
        int64_t pause = now_ms() + LOOK_MS;
        while (trial.listener >= 0 && serve(1) && now_ms() < pause)
            ;
        collect();
    }
    return done();
}

static void start_guard(void)
{
    static char self[4096];
    static char number[16];
    char *argv[32] = {(char *)treefall};
    int count = 1;
    const char *const verbs[] = {"run", "watch", "kill", "kill"};
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = '\0';
    argv[count++] = (char *)verbs[trial.way->mode];
    for (int i = 0; trial.way->words[i]; i++)
        argv[count++] = (char *)trial.way->words[i];
    if (trial.way->mode == RUN || trial.way->mode == WATCH)
        argv[count++] = (char *)"--exit-grace=0"; /* no trial is to last a second */
    if (trial.way->mode == RUN) {
        argv[count++] = (char *)"--";
        argv[count++] = self;
        argv[count++] = (char *)"member";
    } else {
        snprintf(number, sizeof number, "%d", page->pids[WARD]);
        if (trial.way->mode == WATCH)
            argv[count++] = (char *)"--pid";
        argv[count++] = number;
    }
    start_treefall(argv);
}

/* ---- a trial ---- */

#define NEVER (-1)

struct variant {
    const struct way *way;
    enum trigger trigger;
    enum member victim;
    enum call kind;  /* whose turn it is */
    int next[CALLS]; /* index of the call to try next, or NEVER */
};

static void end_ward(void)
{
    pid_t ward = page->pids[WARD];
    if (trial.victim == WARD && (trial.swapped || trial.held))
        return;
    if (trial.way->mode == RUN)
        kill(ward, SIGUSR1);
    else
        end_member(ward);
}

/* Back to back: guards below the one that was started, which may be one of the ward's forks. */
static void kill_guards(int below)
{
    pid_t pids[8] = {trial.treefall};
    size_t count = 1;
    find_all();
    for (size_t i = 0; i < found_count && below > 0; i++)
        if (found[i].is_guard && found[i].pid != trial.treefall && count < 8 &&
            (below > 1 || found[i].parent == trial.treefall) && is_descendant(found[i].pid))
            pids[count++] = found[i].pid;
    for (size_t i = 0; i < count; i++)
        kill(pids[i], SIGKILL);
}

static void pull(void)
{
    const struct timespec moment = {0, 2000000};
    if (trial.treefall_ended || trial.way->mode == KILL || trial.way->mode == KILL_DEAD)
        return;
    switch (trial.trigger) {
    case WARD_ENDS:
        end_ward();
        break;
    case ASKED:
        kill(trial.treefall, SIGTERM);
        break;
    case WRAPPER_KILLED:
        kill_guards(0);
        if (trial.way->mode == WATCH) {
            nanosleep(&moment, NULL);
            end_ward();
        }
        break;
    case TWO_KILLED:
        kill_guards(1);
        break;
    case ALL_KILLED:
        kill_guards(2);
        break;
    }
}

static void await(int (*done)(void), const char *what)
{
    if (serve_until(done, LIMIT_MS))
        return;
    fprintf(stderr, "reuse: %s %s %s %s %d: not within %d ms: %s\n", trial.way->name,
            trigger_names[trial.trigger], member_names[trial.victim], call_names[trial.kind],
            trial.wanted, LIMIT_MS, what);
    find_all();
    for (size_t i = 0; i < found_count; i++)
        if (is_descendant(found[i].pid))
            fprintf(stderr, "  %d below %d: %s\n", found[i].pid, found[i].parent, found[i].name);
    exit(99);
}

static int is_time(void)
{
    return has_ended() || was_swapped() || trial.held;
}

static int is_reserve_there(void)
{
    return has_ended() || count_named("treefall-rese") > 0;
}

static int is_seen(void)
{
    return has_ended() || all_seen();
}

static void start_trial(const struct variant *variant, enum call kind, int wanted)
{
    const struct way *way = variant->way;
    memset(page, 0, sizeof *page);
    page->shape = way->shape;
    memset(&trial, 0, sizeof trial);
    trial.way = way;
    trial.trigger = variant->trigger;
    trial.victim = variant->victim;
    trial.kind = kind;
    trial.wanted = wanted;
    trial.number_is_known = way->mode == RUN || variant->victim != WARD;
    /* The wire knows what the last look saw. */
    trial.lookers = variant->trigger == ALL_KILLED && way->lookers == 0 ? 1 : way->lookers;
    trial.listener = -1;
    if (way->mode != RUN)
        start_ward();
    if (way->mode != RUN)
        await(is_complete, "the ward is ready");
    if (way->mode == KILL_DEAD && !end_member(page->pids[WARD]))
        die("the ward did not end");
    start_guard();
}

static void run_trial(int delay_ms)
{
    if (trial.way->mode == RUN)
        await(is_complete, "the ward is ready");
    if (trial.lookers)
        await(is_seen, "the guards look");
    serve_until(is_time, delay_ms);
    if (trial.lookers)
        await(is_seen, "the guards look again");
    if (trial.way->mode == RUN && trial.trigger == TWO_KILLED)
        await(is_reserve_there, "the third guard is there");
    pull();
    serve_until(all_gone, LIMIT_MS);
}

static int stranger_lives(void)
{
    return waitpid(trial.stranger, NULL, WNOHANG) == 0;
}

/* A tag of treefall's that we do not carry ourselves. */
static int is_branded(pid_t pid)
{
    struct rlimit theirs;
    struct rlimit ours;
    return prlimit(pid, RLIMIT_LOCKS, NULL, &theirs) == 0 && getrlimit(RLIMIT_LOCKS, &ours) == 0 &&
           (theirs.rlim_cur != ours.rlim_cur || theirs.rlim_max != ours.rlim_max) &&
           theirs.rlim_max >> 62 == 1;
}

static void add(struct count *count, const struct count *more)
{
    count->reuses += more->reuses;
    count->innocents += more->innocents;
    count->survivors += more->survivors;
    count->branded += more->branded;
}

static void tell_left(void)
{
    find_all();
    for (size_t i = 0; i < found_count; i++)
        for (int member = 0; member < MEMBERS; member++)
            if (found[i].pid == page->pids[member] && !is_known(found[i].pid))
                printf("  left: %s\n", member_names[member]);
}

static void tell_failure(const struct count *seen, unsigned seed)
{
    printf("failed %s %s %s call %s %d (%s to %s), seed %u: innocents %ld, survivors %ld, branded "
           "%ld, status %d\n",
           trial.way->name, trigger_names[trial.trigger], member_names[trial.victim],
           call_names[trial.kind], trial.wanted, call_names[trial.from], call_names[trial.to], seed,
           seen->innocents, seen->survivors, seen->branded, trial.status);
    tell_left();
    fflush(stdout);
}

static void judge(unsigned seed)
{
    struct count seen = {.reuses = trial.swapped, .survivors = count_left(0)};
    if (trial.swapped)
        seen.innocents = !stranger_lives();
    if (trial.swapped && !seen.innocents)
        seen.branded = is_branded(trial.stranger);
    if (waitpid(canary, NULL, WNOHANG) != 0) {
        seen.innocents++;
        canary = start_stranger(0);
    }
    seen.branded += is_branded(canary);
    if (seen.innocents || seen.survivors || seen.branded)
        tell_failure(&seen, seed);
    false_alarms += !seen.survivors && trial.status == 125;
    held_count += trial.held;
    add(&total, &seen);
    add(&way_counts[trial.way - ways], &seen);
    add(&counts[trial.from][trial.to], &seen);
}

static void end_trial(void)
{
    if (trial.listener >= 0)
        close(trial.listener);
    for (int i = 0; i < 100 && count_left(0) > 0; i++) {
        kill_left();
        usleep(10000);
    }
    if (trial.swapped) {
        kill(trial.stranger, SIGKILL);
        waitpid(trial.stranger, NULL, 0);
    }
    trial.swapped = 0;
    reap_all();
}

/* True if the run had such a call. */
static int try_once(const struct variant *variant, enum call kind, int wanted, unsigned *seed)
{
    static const int delays_ms[] = {0, 3, 30};
    unsigned before = *seed;
    start_trial(variant, kind, wanted);
    trial.unfollowed = rand_r(seed) % 5 == 0;
    run_trial(delays_ms[rand_r(seed) % 3]);
    judge(before);
    int was_there = trial.swapped || trial.held;
    if (is_verbose)
        fprintf(stderr, "%s %s %s %s %d: calls %d, swapped %d, held %d, status %d\n",
                variant->way->name, trigger_names[variant->trigger], member_names[variant->victim],
                call_names[kind], wanted, trial.calls, trial.swapped, trial.held, trial.status);
    end_trial();
    return was_there;
}

/* ---- all trials ---- */

static struct variant variants[WAYS * 5 * MEMBERS];
static size_t variant_count;

static void list_variants(const char *only)
{
    for (size_t i = 0; i < WAYS * 5 * MEMBERS; i++) {
        const struct way *way = &ways[i / (5 * MEMBERS)];
        struct variant variant = {.way = way,
                                  .trigger = (enum trigger)(i / MEMBERS % 5),
                                  .victim = (enum member)(i % MEMBERS)};
        if (way->triggers & BIT(variant.trigger) && way->victims & BIT(variant.victim) &&
            (!only || strstr(way->name, only)))
            variants[variant_count++] = variant;
    }
    if (variant_count == 0)
        die("no such way");
}

/* Each kind of call in turn, and of each kind the first, the second, ... until a run has none. */
static void try_next(struct variant *variant, unsigned *seed)
{
    enum call kind = variant->kind;
    if (try_once(variant, kind, variant->next[kind], seed))
        variant->next[kind]++;
    else
        variant->next[kind] = variant->next[kind] > 0 ? 0 : NEVER;
    for (int i = 0; i < CALLS && (i == 0 || variant->next[variant->kind] == NEVER); i++)
        variant->kind = (variant->kind + 1) % CALLS;
}

static void print_counts(void)
{
    for (int from = 0; from < CALLS; from++)
        for (int to = 1; to < CALLS; to++) {
            const struct count *count = &counts[from][to];
            if (count->reuses > 0)
                printf("gap %s %s %ld %ld %ld %ld\n", call_names[from], call_names[to],
                       count->reuses, count->innocents, count->survivors, count->branded);
        }
    for (size_t i = 0; i < WAYS; i++)
        if (way_counts[i].reuses > 0)
            printf("way %s %ld %ld %ld %ld\n", ways[i].name, way_counts[i].reuses,
                   way_counts[i].innocents, way_counts[i].survivors, way_counts[i].branded);
    printf("total reuses %ld innocents %ld survivors %ld branded %ld held %ld false-alarms %ld\n",
           total.reuses, total.innocents, total.survivors, total.branded, held_count, false_alarms);
}

static int supervise(long wanted, unsigned seed, const char *only)
{
    supervisor = getpid();
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        die("subreaper");
    canary = start_stranger(0);
    if (canary < 0)
        die("clone3");
    list_variants(only);
    while (total.reuses < wanted)
        try_next(&variants[(size_t)rand_r(&seed) % variant_count], &seed);
    kill(canary, SIGKILL);
    print_counts();
    return total.innocents || total.survivors || total.branded;
}

/* A namespace of its own: the machine's numbers are left alone. */
static int in_namespace(long wanted, unsigned seed, const char *only)
{
    int status;
    if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0)
        die("unshare");
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("proc", "/proc", "proc", 0, NULL) < 0)
            die("mount /proc");
        exit(supervise(wanted, seed, only));
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

int main(int argc, char **argv)
{
    const char *only = NULL;
    if (argc == 2 && strcmp(argv[1], "member") == 0)
        return be_ward();
    if (argc < 5)
        return 99;
    treefall = argv[1];
    user = (uid_t)atol(argv[2]);
    for (int i = 5; i < argc; i++) {
        stays_on_host |= strcmp(argv[i], "host") == 0;
        is_verbose |= strcmp(argv[i], "verbose") == 0;
        if (strncmp(argv[i], "only=", 5) == 0)
            only = argv[i] + 5;
    }
    page_fd = memfd_create("reuse", MFD_CLOEXEC);
    null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null_fd < 0 || page_fd < 0 || ftruncate(page_fd, sizeof *page) < 0)
        die("memfd");
    page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, page_fd, 0);
    if (page == MAP_FAILED)
        die("mmap");
    long wanted = atol(argv[3]);
    unsigned seed = (unsigned)atol(argv[4]);
    return stays_on_host ? supervise(wanted, seed, only) : in_namespace(wanted, seed, only);
}
