/* tree ROSTER COUNT: a ward with COUNT sleeping children; every second one leads its own session.
 * All hold the write end of the pipe ROSTER.alive: its end of file says that the last one is dead,
 * and costs the reader one wake-up however many there are. At SIGUSR1 the ward notes the time in
 * the file ROSTER.exit and exits: who wakes at its death may not get to run before all is over. */
#define _GNU_SOURCE
#include "member.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { COUNT_MAX = 5000 };

static volatile int64_t *exit_ns;

static void open_alive(const char *roster)
{
    char path[128];
    snprintf(path, sizeof path, "%s.alive", roster);
    if (open(path, O_WRONLY | O_CLOEXEC) < 0)
        _exit(70);
}

static void exit_and_tell(int signal_number)
{
    (void)signal_number;
    *exit_ns = now_ns();
    _exit(0);
}

static void map_exit(const char *roster)
{
    char path[128];
    snprintf(path, sizeof path, "%s.exit", roster);
    int file = open(path, O_RDWR | O_CLOEXEC);
    exit_ns = mmap(NULL, sizeof *exit_ns, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (exit_ns == MAP_FAILED)
        _exit(70);
    close(file);
    *exit_ns = 0; /* the page is there before it counts */
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
    map_exit(argv[1]);
    member_limit_life();
    signal(SIGUSR1, exit_and_tell);
    member_report(argv[1], "ward", now_ns());
    member_wait();
}
