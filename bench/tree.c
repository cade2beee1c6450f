/* tree ROSTER COUNT: a ward with COUNT sleeping children; every second one leads its own session.
 * All hold the write end of the pipe ROSTER.alive: its end of file says that the last one is dead,
 * and costs the reader one wake-up however many there are. */
#define _GNU_SOURCE
#include "member.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { COUNT_MAX = 5000 };

static void open_alive(const char *roster)
{
    char path[128];
    snprintf(path, sizeof path, "%s.alive", roster);
    if (open(path, O_WRONLY | O_CLOEXEC) < 0)
        _exit(70);
}

static void sleep_as_child(const char *roster, int number)
{
    if (number % 2)
        setsid();
    member_limit_life();
    member_report(roster, "child", now_ns());
    member_wait();
}

int main(int argc, char **argv)
{
    int count = argc == 3 ? atoi(argv[2]) : -1;
    if (count < 0 || count > COUNT_MAX)
        return fprintf(stderr, "usage: tree ROSTER COUNT (at most %d)\n", COUNT_MAX), 125;

    open_alive(argv[1]);
    for (int i = 0; i < count; i++) {
        pid_t child = fork();
        if (child == 0)
            sleep_as_child(argv[1], i);
        if (child < 0)
            return 71;
    }
    member_limit_life();
    member_report(argv[1], "ward", now_ns());
    member_wait();
}
