/* The ward of the fault tests, and a tree that is hard to kill.
 *
 *   hostile now|later|guarded ROLE...
 *
 * `now` starts the members at once, `later` when it reads `start`, and `guarded` after libtreefall
 * guards it (compiled with GUARDED). It prints `alive PID`, and `ready` once each member is what
 * its role says. It reads `start` and `exit STATUS`. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef GUARDED
#include <treefall.h>
#endif

/* Tells the injector which of our calls are the library's; the kernel refuses it. */
#define MARK 0x7472

static int settled; /* a member closes it when it is what its role says */

static void linger(const char *name)
{
    prctl(PR_SET_NAME, name);
    close(settled);
    for (;;)
        pause();
}

static void be_plain(void)
{
    linger("plain");
}

static void be_session(void)
{
    setsid();
    linger("session");
}

static void be_stubborn(void)
{
    signal(SIGTERM, SIG_IGN);
    linger("stubborn");
}

/* Its parent is dead; it has another session, no environment and no descriptor of the ward's. */
static void be_daemon(void)
{
    char number[12];
    char *argv[] = {(char *)"hostile", (char *)"daemon", number, NULL};
    char *environment[] = {NULL};
    setsid();
    if (fork() > 0)
        _exit(0);
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    snprintf(number, sizeof number, "%d", settled);
    fcntl(settled, F_SETFD, 0);
    execve("/proc/self/exe", argv, environment);
    _exit(99);
}

static const struct role {
    const char *name;
    void (*be)(void);
    int passes; /* its first process ends at once */
} roles[] = {
    {"plain", be_plain, 0},
    {"session", be_session, 0},
    {"stubborn", be_stubborn, 0},
    {"daemon", be_daemon, 1},
};

static void start(const char *name)
{
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        if (strcmp(roles[i].name, name) != 0)
            continue;
        pid_t pid = fork();
        if (pid == 0)
            roles[i].be();
        if (roles[i].passes)
            waitpid(pid, NULL, 0);
    }
}

static void start_all(char **names)
{
    char byte;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        exit(99);
    settled = ends[1];
    for (; *names; names++)
        start(*names);
    close(ends[1]);
    while (read(ends[0], &byte, 1) > 0)
        ;
    close(ends[0]);
    puts("ready");
}

static void guard_ourselves(void)
{
#ifdef GUARDED
    struct treefall *guard;
    struct treefall_options options = {.kill_delay_ms = 60000, .report = getenv("REPORT")};
    prctl(MARK, 1);
    int status = treefall_start(&options, &guard);
    prctl(MARK, 0);
    if (status == TREEFALL_OK)
        return;
    fprintf(stderr, "hostile: %s\n", treefall_strerror(status));
    exit(125);
#endif
}

int main(int argc, char **argv)
{
    char order[80];
    if (argc < 2)
        return 99;
    if (strcmp(argv[1], "daemon") == 0 && argc == 3) {
        settled = atoi(argv[2]);
        linger("daemon");
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("alive %d\n", getpid());
    if (strcmp(argv[1], "guarded") == 0)
        guard_ourselves();
    if (strcmp(argv[1], "later") != 0)
        start_all(argv + 2);
    while (fgets(order, sizeof order, stdin)) {
        if (strncmp(order, "start", 5) == 0)
            start_all(argv + 2);
        if (strncmp(order, "exit ", 5) == 0)
            exit(atoi(order + 5));
    }
    for (;;)
        pause();
}
