/* One round of a kill: what a pass over the brands and the container strike, and the count of it.
 */
#ifndef TREEFALL_TREE_ROUND_H
#define TREEFALL_TREE_ROUND_H

#include "tree/strike.h"

/* A process that was struck is given this long to end before it is struck again. */
#define ROUND_QUIET_MS 20

struct round {
    struct scope *scope;
    struct ledger *ledger;
    size_t struck;
    size_t unreached; /* alive, and not to be signalled */
    size_t refused;   /* of these, for a reason that does not pass */
};

void round_add(struct round *round, enum os_strike strike);
/* For os_scan, with the round: a branded row costs no file; the brand, read again behind the
 * handle, is the proof.
 */
void round_strike_branded(void *context, const struct process_row *row);

/* The whole container may be killed by one call. */
bool round_is_contained(const struct scope *scope);
/* For the report its members are listed while they live. False when they could not be. */
bool round_list_container(const struct scope *scope, struct ledger *ledger);
/* A member in another pid namespace may have no parent here that could name it, and no number; the
 * cgroup counts it. One that was killed counts until it is through its exit. */
bool round_container_is_empty(const struct scope *scope);

/* The end of a kill: what is left is noted with its reason, and what could not be looked at. True
 * when nothing is left, for sure. */
bool round_conclude(struct scope *scope, struct ledger *ledger);

#endif
