/* stale RUNS DELAY_MS FOLDER WRAPPER...: how late after its last beat plus the delay a hung ward
 * is dead. Prints one number of nanoseconds a run; negative means early. */
#define _GNU_SOURCE
#include "measures.h"

#include "../member.h"
#include "roster.h"
#include "wrapper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t second_ns = INT64_C(1000000000);

/* The ward's own report of its last beat; an earlier death ends the wait at the deadline. */
static bool last_beat(struct roster *roster, int64_t *beat_ns)
{
    struct roster_member taken;
    int64_t deadline_ns = now_ns() + 10 * second_ns;
    while (roster_take(roster, deadline_ns, &taken))
        if (strcmp(taken.role, "last") == 0) {
            *beat_ns = taken.at_ns;
            return true;
        }
    return false;
}

static bool stale_once(struct roster *roster, int64_t delay_ns, int64_t *late_ns)
{
    int64_t beat_ns;
    if (!last_beat(roster, &beat_ns) || roster->count != 1)
        return false;
    if (!pidfd_wait(roster->members[0].pidfd, beat_ns + delay_ns + 5 * second_ns))
        return false;
    *late_ns = now_ns() - beat_ns - delay_ns;
    return true;
}

/* 20 ms apart and 1 to 20 of them, so that the last beat falls anywhere between two looks. */
static bool stale_run(int run, int64_t delay_ns, const char *folder, const struct command *wrapper,
                      int64_t *late_ns)
{
    struct roster roster;
    char beats[16];

    roster_init(&roster, folder, 1);
    snprintf(beats, sizeof beats, "%d", 1 + run * 7 % 20);
    char *ward[] = {"bench-beater", roster.path, "20", beats, NULL};
    pid_t pid = wrapper_start(wrapper, ward);
    bool fell = stale_once(&roster, delay_ns, late_ns);
    roster_done(&roster);
    wrapper_end(pid, now_ns() + 10 * second_ns);
    reap_all();
    return fell;
}

int measure_stale(int argc, char **argv)
{
    if (argc < 5)
        return fprintf(stderr, "usage: harness stale RUNS DELAY_MS FOLDER WRAPPER...\n"), 125;
    struct command wrapper = {argv + 4, argc - 4};
    int64_t delay_ns = atoi(argv[2]) * INT64_C(1000000);
    for (int run = 0; run < atoi(argv[1]); run++) {
        int64_t late_ns;
        if (stale_run(run, delay_ns, argv[3], &wrapper, &late_ns))
            printf("%lld\n", (long long)late_ns);
        else
            printf("never\n");
    }
    return 0;
}
