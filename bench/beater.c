/* beater ROSTER INTERVAL_MS BEATS: touches $TREEFALL_HEARTBEAT that many times, then hangs, or
 * beats for ever if BEATS is 0. Reports itself ("ward") after its first beat and tells the time of
 * its last one ("last"). */
#define _GNU_SOURCE
#include "member.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void wait_ms(int interval_ms)
{
    struct timespec interval = {interval_ms / 1000, interval_ms % 1000 * 1000000L};
    nanosleep(&interval, NULL);
}

static int64_t beat(const char *path)
{
    int64_t before_ns = now_ns();
    if (utimensat(AT_FDCWD, path, NULL, 0) != 0)
        _exit(70);
    return before_ns;
}

int main(int argc, char **argv)
{
    const char *heartbeat = getenv("TREEFALL_HEARTBEAT");
    if (argc != 4 || heartbeat == NULL)
        return fprintf(stderr, "usage: beater ROSTER INTERVAL_MS BEATS, with a heartbeat\n"), 125;

    int interval_ms = atoi(argv[2]);
    int beats = atoi(argv[3]);
    member_limit_life();
    int64_t last_ns = beat(heartbeat);
    member_report(argv[1], "ward", last_ns);
    for (int i = 1; beats == 0 || i < beats; i++) {
        wait_ms(interval_ms);
        last_ns = beat(heartbeat);
    }
    member_report(argv[1], "last", last_ns);
    member_wait();
}
