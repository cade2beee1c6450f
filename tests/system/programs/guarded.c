/* A ward that guards itself by libtreefall.
 *
 *   guarded ROSTER [NUMBER]
 *
 * writes `ward PID` to the FIFO named ROSTER and then takes orders from its standard input, or from
 * the descriptor of that number, each answered by one line, its own word and a number: mostly what
 * the library returned. `child` and `far` start a member of its tree, which reports itself; a
 * number ends the program with it. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <treefall.h>
#include <unistd.h>

#define BEAT_NS 20000000

static const char *roster;
static struct treefall *guards[2];
static atomic_int beating;

static void start_child(int far);

static void report(const char *word, long number)
{
    char line[80];
    int length = snprintf(line, sizeof line, "%s %ld\n", word, number);
    int fd = open(roster, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, line, (size_t)length) != length)
        exit(99);
    close(fd);
}

static void *beat(void *unused)
{
    const struct timespec gap = {0, BEAT_NS};
    for (;; nanosleep(&gap, NULL))
        if (beating)
            treefall_beat(guards[0]);
    return unused;
}

/* DELAY GRACE REPORT, the last of which may be missing. */
static long start(const char *words, struct treefall **guard)
{
    char path[200] = "";
    struct treefall_options options = {0};
    sscanf(words, "%ld %ld %199s", &options.kill_delay_ms, &options.startup_grace_ms, path);
    options.report = *path ? path : NULL;
    return treefall_start(&options, guard);
}

static long do_start(const char *words)
{
    return start(words, &guards[0]);
}

static long do_start2(const char *words)
{
    return start(words, &guards[1]);
}

static long do_startat(const char *path)
{
    struct treefall_options options = {.sentinel = path};
    struct treefall *unused;
    return treefall_start(&options, &unused);
}

/* Of a field that a later version may add. */
static long do_startnew(const char *unused)
{
    struct treefall_options options = {.reserved = {[5] = 1}};
    (void)unused;
    return treefall_start(&options, &guards[1]);
}

static long do_stop(const char *unused)
{
    (void)unused;
    return treefall_stop(guards[0]);
}

static long do_stop2(const char *unused)
{
    (void)unused;
    return treefall_stop(guards[1]);
}

static long do_stopinchild(const char *unused)
{
    int status;
    pid_t pid = fork();
    (void)unused;
    if (pid == 0)
        _exit(-treefall_stop(guards[0]));
    waitpid(pid, &status, 0);
    return -WEXITSTATUS(status);
}

static long do_beat(const char *unused)
{
    (void)unused;
    treefall_beat(guards[0]);
    return 0;
}

static long do_beats(const char *on)
{
    beating = atoi(on);
    return 0;
}

static long do_hold(const char *budget)
{
    treefall_hold(guards[0], atol(budget));
    return 0;
}

static long do_release(const char *unused)
{
    (void)unused;
    treefall_release(guards[0]);
    return 0;
}

static long do_closing(const char *budget)
{
    treefall_closing(guards[0], atol(budget));
    return 0;
}

static long do_guarantee(const char *unused)
{
    char text[2048];
    size_t length = treefall_guarantee(guards[0], text, sizeof text);
    (void)unused;
    fprintf(stderr, "%s\n", text);
    return (long)(length - strlen(text));
}

static long do_stopasked(const char *unused)
{
    (void)unused;
    treefall_stop_asked(guards[0]);
    return 0;
}

static long do_suspended(const char *how)
{
    treefall_suspended(guards[0], (enum treefall_suspension)atoi(how));
    return 0;
}

static long do_lost(const char *unused)
{
    char text[2048];
    (void)unused;
    treefall_guarantee(guards[0], text, sizeof text);
    const char *armed = strstr(text, "\"armed\":true");
    return armed ? atol(strstr(text, "\"lost\":") + 7) : -1;
}

static long do_subreaper(const char *unused)
{
    int on = 0;
    (void)unused;
    if (guards[0])
        prctl(PR_GET_CHILD_SUBREAPER, &on);
    else
        prctl(PR_SET_CHILD_SUBREAPER, 1);
    return on;
}

/* A child that beats for ever with what it inherited, and one that starts a guard of its own. */
static long do_beatinchild(const char *unused)
{
    (void)unused;
    if (fork() > 0)
        return 0;
    report("child", getpid());
    return beat(NULL) != NULL;
}

static long do_startinchild(const char *words)
{
    if (fork() > 0)
        return 0;
    guards[1] = NULL;
    long status = start(words, &guards[1]);
    treefall_beat(guards[1]);
    report("child", status == 0 ? getpid() : status);
    start_child(1);
    for (;;)
        pause();
}

static void *start_and_stop(void *failures)
{
    for (int i = 0; i < 5; i++) {
        struct treefall *guard = NULL;
        if (treefall_start(NULL, &guard) != 0 || treefall_stop(guard) != 0)
            ++*(atomic_int *)failures;
    }
    return NULL;
}

/* Orphans come all the time while guards start: each must become ours. Returns how many did not. */
static long do_orphans(const char *count)
{
    atomic_int failures = 0;
    int made[2];
    long told = 0;
    long adopted = 0;
    if (pipe(made) < 0)
        return -1;
    pid_t maker = fork();
    if (maker == 0) {
        close(made[0]);
        for (int i = 0; i < 2 * 1000; i++) {
            pid_t middle = fork();
            if (middle == 0 && fork() == 0)
                _exit(write(made[1], "", 1) != 1);
            if (middle == 0)
                _exit(0);
            waitpid(middle, NULL, 0);
        }
        _exit(0);
    }
    close(made[1]);
    for (int i = 0; i < atoi(count); i++)
        start_and_stop(&failures);
    for (char byte; read(made[0], &byte, 1) == 1;)
        told++;
    close(made[0]);
    while (waitpid(-1, NULL, 0) > 0)
        adopted++;
    return failures ? -2 : told + 1 - adopted;
}

static long do_threads(const char *count)
{
    atomic_int failures = 0;
    pthread_t threads[16];
    int n = atoi(count);
    for (int i = 0; i < n; i++)
        pthread_create(&threads[i], NULL, start_and_stop, &failures);
    for (int i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    return failures;
}

/* Signals rain on the process while it starts guards: its handler must run in it alone. */
static pid_t ward;
static atomic_int elsewhere;
static atomic_int raining;

static void on_drop(int unused)
{
    (void)unused;
    if (getpid() != ward)
        elsewhere = 1;
}

static void *rain(void *unused)
{
    const struct timespec gap = {0, 20000};
    for (; raining; nanosleep(&gap, NULL))
        kill(0, SIGUSR1);
    return unused;
}

static long do_storm(const char *unused)
{
    atomic_int failures = 0;
    pthread_t cloud;
    (void)unused;
    ward = getpid();
    setpgid(0, 0);
    signal(SIGUSR1, on_drop);
    raining = 1;
    pthread_create(&cloud, NULL, rain, NULL);
    for (int i = 0; i < 4; i++)
        start_and_stop(&failures);
    raining = 0;
    pthread_join(cloud, NULL);
    return failures + 1000 * elsewhere;
}

static long do_wait(const char *unused)
{
    pid_t pid = waitpid(-1, NULL, WNOHANG | __WALL);
    (void)unused;
    return pid < 0 && errno == ECHILD ? -1 : pid;
}

static void linger(const char *role)
{
    report(role, getpid());
    for (;;)
        pause();
}

static void start_child(int far)
{
    pid_t pid = fork();
    if (pid == 0 && !far)
        linger("child");
    if (pid == 0) {
        setsid();
        if (fork() > 0)
            _exit(0);
        linger("far");
    }
    if (far)
        waitpid(pid, NULL, 0);
}

static const struct order {
    const char *word;
    long (*obey)(const char *words);
} orders[] = {
    {"start", do_start},
    {"start2", do_start2},
    {"startat", do_startat},
    {"stop", do_stop},
    {"stop2", do_stop2},
    {"stopinchild", do_stopinchild},
    {"beat", do_beat},
    {"beats", do_beats},
    {"hold", do_hold},
    {"release", do_release},
    {"closing", do_closing},
    {"guarantee", do_guarantee},
    {"wait", do_wait},
    {"lost", do_lost},
    {"startnew", do_startnew},
    {"orphans", do_orphans},
    {"threads", do_threads},
    {"storm", do_storm},
    {"stopasked", do_stopasked},
    {"suspended", do_suspended},
    {"subreaper", do_subreaper},
    {"beatinchild", do_beatinchild},
    {"startinchild", do_startinchild},
};

static void obey(char *order)
{
    char *words = strchr(order, ' ');
    if (words)
        *words++ = '\0';
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        if (strcmp(orders[i].word, order) == 0) {
            report(order, orders[i].obey(words ? words : ""));
            return;
        }
    if (strcmp(order, "child") != 0 && strcmp(order, "far") != 0)
        exit(atoi(order));
    start_child(order[0] == 'f');
}

int main(int argc, char **argv)
{
    char order[300];
    pthread_t beater;
    FILE *orders_in = argc == 3 ? fdopen(atoi(argv[2]), "r") : stdin;
    if (argc < 2 || !orders_in || pthread_create(&beater, NULL, beat, NULL) != 0)
        return 99;
    roster = argv[1];
    report("ward", getpid());
    while (fgets(order, sizeof order, orders_in)) {
        order[strcspn(order, "\n")] = '\0';
        obey(order);
    }
    return 0;
}
