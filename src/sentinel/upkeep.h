/* Upkeep: what the guard knows of a living tree is renewed now and then, soon at first, and out of
 * turn when the kernel tells of a daemon. */
#ifndef TREEFALL_SENTINEL_UPKEEP_H
#define TREEFALL_SENTINEL_UPKEEP_H

#include "base/clock.h"
#include "os/handle.h"

#include <stdbool.h>

struct sentinel;

struct upkeep {
    os_handle events;   /* the kernel tells of new sessions here, or of births */
    int64_t refresh_ms; /* when the wire and the lineage are looked after next */
    int64_t refresh_gap_ms;
    bool look_early;      /* a look out of turn is called for */
    unsigned early_looks; /* so many since the last in turn */
};

/* Looks out of turn, between two in turn. */
#define UPKEEP_EARLY_LOOKS 8

/* Each turn; `told`: the kernel has events. */
void upkeep_do(struct sentinel *sentinel, bool told, const struct clock_reading *now);
/* It may come so much early or late, to go with a look at the beats: one wake-up for both. */
int64_t upkeep_slack(const struct sentinel *sentinel);

#endif
