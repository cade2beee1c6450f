/* The ward of the system tests and the members of its tree.
 *
 *   family ROSTER ROLE...
 *
 * starts one member for each role, reports itself, and then takes orders from its standard input:
 * `start ROLE`, `exit STATUS`, `signal NUMBER`, `say WORD`. Whoever reports writes one line, `ROLE
 * PID`, to the FIFO named ROSTER once it is what its role says. All show ROSTER in their command
 * line, so that a test finds them whatever else they lose. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *program;
static const char *roster;

static void die(const char *what)
{
    fprintf(stderr, "family: %s: %s\n", what, strerror(errno));
    exit(99);
}

static void report_as(const char *role, long number)
{
    char line[80];
    int length = snprintf(line, sizeof line, "%s %ld\n", role, number);
    int fd = open(roster, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, line, (size_t)length) != length)
        die(roster);
    close(fd);
}

static void report(const char *role)
{
    report_as(role, getpid());
}

static void linger(const char *role)
{
    report(role);
    for (;;)
        pause();
}

static pid_t branch(void)
{
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    return pid;
}

/* ---- members ---- */

static void be_plain(void)
{
    linger("plain");
}

static void be_session(void)
{
    setsid();
    linger("session");
}

static void be_group(void)
{
    setpgid(0, 0);
    linger("group");
}

static void be_stubborn(void)
{
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_IGN);
    linger("stubborn");
}

static void be_stopped(void)
{
    report("stopped");
    raise(SIGSTOP);
    linger("continued");
}

static void be_orphan(void)
{
    if (branch() > 0)
        _exit(0);
    linger("orphan");
}

/* Another session, no parent, no environment, no descriptor, another folder. */
static void be_daemon(void)
{
    char *argv[] = {(char *)"family", (char *)roster, (char *)"--daemon", NULL};
    char *environment[] = {NULL};
    setsid();
    if (branch() > 0)
        _exit(0);
    if (chdir("/") < 0)
        die("/");
    syscall(SYS_close_range, 0U, ~0U, 0);
    execve(program, argv, environment);
    _exit(99);
}

static void *live_on(void *unused)
{
    while (pause() < 0)
        ;
    return unused;
}

/* A leader that is a zombie while a thread of it lives on. */
static void be_headless(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, live_on, NULL) != 0)
        die("thread");
    report("headless");
    pthread_exit(NULL);
}

static void be_threads(void)
{
    pthread_t thread;
    for (int i = 0; i < 4; i++)
        if (pthread_create(&thread, NULL, live_on, NULL) != 0)
            die("thread");
    linger("threads");
}

static const struct role {
    const char *name;
    void (*be)(void);
    int passes; /* its first process ends at once */
} roles[] = {
    {"plain", be_plain, 0},       {"session", be_session, 0},   {"group", be_group, 0},
    {"stubborn", be_stubborn, 0}, {"stopped", be_stopped, 0},   {"orphan", be_orphan, 1},
    {"daemon", be_daemon, 1},     {"headless", be_headless, 0}, {"threads", be_threads, 0},
};

/* ---- crowds: `crowd=N` with living parents, `orphans=N` with none ---- */

static void be_leaf(int told, int orphaned)
{
    if (orphaned && branch() > 0)
        _exit(0);
    if (orphaned && getpid() % 2)
        setsid();
    if (write(told, "", 1) != 1)
        die("pipe");
    close(told);
    for (;;)
        pause();
}

static void be_branch(int told, int leaves, int orphaned)
{
    for (int i = 1; i < leaves; i++) {
        pid_t pid = branch();
        if (pid == 0)
            be_leaf(told, orphaned);
        if (orphaned)
            waitpid(pid, NULL, 0);
    }
    be_leaf(told, orphaned);
}

static void start_crowd(const char *role, int count, int orphaned)
{
    enum { LEAVES = 50 };
    char byte;
    int told[2];
    if (pipe(told) < 0)
        die("pipe");
    for (int left = count; left > 0; left -= LEAVES) {
        pid_t pid = branch();
        if (pid == 0) {
            close(told[0]);
            be_branch(told[1], left < LEAVES ? left : LEAVES, orphaned);
        }
        if (orphaned)
            waitpid(pid, NULL, 0);
    }
    close(told[1]);
    for (int i = 0; i < count; i++)
        if (read(told[0], &byte, 1) != 1)
            die("a crowd that is not complete");
    close(told[0]);
    report_as(role, count);
}

/* ---- `chain=N`: each has one child ---- */

static void start_chain(int count)
{
    char byte;
    int told[2];
    int length = 0;
    if (pipe(told) < 0)
        die("pipe");
    while (length < count && branch() == 0)
        length++;
    if (length == count && write(told[1], "", 1) != 1)
        die("pipe");
    while (length > 0)
        pause();
    if (read(told[0], &byte, 1) != 1)
        die("a chain that is not complete");
    close(told[0]);
    close(told[1]);
    report_as("chain", count);
}

/* ---- the ward ---- */

static void start(const char *name)
{
    if (strncmp(name, "crowd=", 6) == 0) {
        start_crowd("crowd", atoi(name + 6), 0);
        return;
    }
    if (strncmp(name, "orphans=", 8) == 0) {
        start_crowd("orphans", atoi(name + 8), 1);
        return;
    }
    if (strncmp(name, "chain=", 6) == 0) {
        start_chain(atoi(name + 6));
        return;
    }
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        if (strcmp(roles[i].name, name) != 0)
            continue;
        pid_t pid = branch();
        if (pid == 0)
            roles[i].be();
        if (roles[i].passes)
            waitpid(pid, NULL, 0);
        return;
    }
    errno = EINVAL;
    die(name);
}

static void obey(const char *order)
{
    if (strncmp(order, "start ", 6) == 0)
        start(order + 6);
    else if (strncmp(order, "exit ", 5) == 0)
        exit(atoi(order + 5));
    else if (strncmp(order, "signal ", 7) == 0)
        raise(atoi(order + 7));
    else if (strncmp(order, "say ", 4) == 0)
        report(order + 4);
    else
        die(order);
}

int main(int argc, char **argv)
{
    char order[80];
    if (argc < 2)
        return 99;
    program = argv[0];
    roster = argv[1];
    if (argc == 3 && strcmp(argv[2], "--daemon") == 0)
        linger("daemon");
    for (int i = 2; i < argc; i++)
        start(argv[i]);
    report("ward");
    while (fgets(order, sizeof order, stdin)) {
        order[strcspn(order, "\n")] = '\0';
        obey(order);
    }
    for (;;)
        pause();
}
