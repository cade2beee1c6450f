/* Upkeep: the guard updates what it knows of a living tree now and then, soon at first, and early
 * when the kernel reports a daemon. */
#ifndef TREEFALL_SENTINEL_UPKEEP_H
#define TREEFALL_SENTINEL_UPKEEP_H

#include "base/clock.h"
#include "os/handle.h"

#include <stdbool.h>

struct sentinel;

struct upkeep {
    os_handle events;   /* readable when the kernel reports a new session, or births */
    int64_t refresh_ms; /* when to look at the wire and the lineage next */
    int64_t refresh_gap_ms;
    bool look_early;      /* an early look is due */
    unsigned early_looks; /* early looks since the last regular one */
};

/* Early looks allowed between two regular ones. */
#define UPKEEP_EARLY_LOOKS 8

/* Call each turn. `told`: the kernel has events. */
void upkeep_do(struct sentinel *sentinel, bool told, const struct clock_reading *now);
/* How much a look may come early or late to coincide with a look at the beats: one wake-up for
 * both. */
int64_t upkeep_slack(const struct sentinel *sentinel);

#endif
