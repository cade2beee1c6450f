/* fall  COUNT FOLDER [WRAPPER...]: from the ward's call of _exit to the death of the last of COUNT.
 * first COUNT FOLDER [WRAPPER...]: from the ward's call of _exit to the death of the first of them.
 * Without a wrapper the harness itself kills them in a bare loop of kill(2): the floor.
 * Prints "NS WARD_NS LEFT": WARD_NS is the ward's own end, up to when we saw it (which may be late
 * beside a busy wrapper, but not in the floor). NS is 0 if anyone was left at the deadline. */
#define _GNU_SOURCE
#include "measures.h"

#include "../member.h"
#include "roster.h"
#include "wrapper.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const int64_t settle_limit_ns = INT64_C(30000000000);
static const int64_t fall_limit_ns = INT64_C(2000000000);
/* A fall is measured on a tree that has been quiet, not in the middle of a wrapper's start. */
static const struct timespec quiet = {0, 70000000};

struct fall {
    struct roster roster;
    struct command wrapper;
    int count;
    bool only_first;
    int64_t took_ns;
    int64_t ward_ns;
    int left;
};

/* All are held by pidfds and none is reaped yet, so no pid can have changed its owner. */
static void kill_bare(const struct roster *roster)
{
    for (int i = 0; i < roster->count; i++)
        kill(roster->members[i].pid, SIGKILL);
}

static void fell(struct fall *fall)
{
    struct roster_member *ward = roster_find(&fall->roster, "ward");
    nanosleep(&quiet, NULL);
    int64_t deadline_ns = now_ns() + fall_limit_ns;

    pidfd_signal(ward->pidfd, SIGUSR1);
    if (!pidfd_wait(ward->pidfd, deadline_ns))
        die("the ward does not exit");
    fall->ward_ns = now_ns() - *fall->roster.exit_ns;
    if (fall->wrapper.count == 0)
        kill_bare(&fall->roster);
    int64_t end_ns = fall->only_first ? roster_wait_first(&fall->roster, ward, deadline_ns)
                                      : roster_wait_gone(&fall->roster, deadline_ns);
    fall->took_ns = end_ns == 0 ? 0 : end_ns - *fall->roster.exit_ns;
    if (end_ns == 0 || fall->only_first)
        roster_wait_gone(&fall->roster, deadline_ns);
    fall->left = roster_living(&fall->roster);
}

static void fall_run(struct fall *fall, const char *folder)
{
    char count[16];
    snprintf(count, sizeof count, "%d", fall->count);
    roster_init(&fall->roster, folder, fall->count + 1);
    char *ward[] = {"bench-tree", fall->roster.path, count, NULL};
    pid_t pid = wrapper_start(&fall->wrapper, ward);

    if (roster_gather(&fall->roster, fall->count + 1, now_ns() + settle_limit_ns))
        fell(fall);
    else
        fprintf(stderr, "harness: %d of %d settled\n", fall->roster.count, fall->count + 1);
    roster_done(&fall->roster);
    wrapper_end(pid, now_ns() + settle_limit_ns);
    reap_all();
}

int measure_fall(int argc, char **argv)
{
    if (argc < 3 || atoi(argv[1]) < 1)
        return fprintf(stderr, "usage: harness fall|first COUNT FOLDER [WRAPPER...]\n"), 125;
    struct fall fall = {.wrapper = {argv + 3, argc - 3},
                        .count = atoi(argv[1]),
                        .only_first = strcmp(argv[0], "first") == 0,
                        .left = -1};
    fall_run(&fall, argv[2]);
    printf("%lld %lld %d\n", (long long)fall.took_ns, (long long)fall.ward_ns, fall.left);
    return fall.left < 0 ? 125 : 0;
}
