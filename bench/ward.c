/* ward ROSTER: the ward of the table of survivors, with four descendants that are hard to end:
 * a plain child, a setsid child, a daemon (double fork, closed descriptors, empty environment)
 * and one that ignores SIGTERM. Each reports itself when it is settled. */
#define _GNU_SOURCE
#include "member.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void settle(const char *roster, const char *role)
{
    member_limit_life();
    member_report(roster, role, now_ns());
    member_wait();
}

static void become_plain(const char *roster)
{
    settle(roster, "plain");
}

static void become_setsid(const char *roster)
{
    setsid();
    settle(roster, "setsid");
}

static void become_ignorer(const char *roster)
{
    signal(SIGTERM, SIG_IGN);
    settle(roster, "ignorer");
}

/* Only the roster's path is left to it, as an argument: it reports after it let go of the rest. */
static void become_daemon(const char *roster)
{
    char self[PATH_MAX] = {0};
    char *arguments[] = {"ward", (char *)roster, "daemon", NULL};
    char *environment[] = {NULL};

    setsid();
    if (fork() != 0)
        _exit(0);
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0 || chdir("/") != 0)
        _exit(70);
    closefrom(0);
    execve(self, arguments, environment);
    _exit(70);
}

static void start(void (*become)(const char *), const char *roster)
{
    pid_t child = fork();
    if (child == 0)
        become(roster);
    if (child < 0)
        _exit(71);
    if (become == become_daemon)
        waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return fprintf(stderr, "usage: ward ROSTER\n"), 125;
    if (argc > 2)
        settle(argv[1], argv[2]);
    start(become_plain, argv[1]);
    start(become_setsid, argv[1]);
    start(become_ignorer, argv[1]);
    start(become_daemon, argv[1]);
    settle(argv[1], "ward");
}
