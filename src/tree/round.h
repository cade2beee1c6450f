/* One round of a kill: a pass over the brands, the container's kill, and what they reached. */
#ifndef TREEFALL_TREE_ROUND_H
#define TREEFALL_TREE_ROUND_H

#include "tree/strike.h"

/* A struck process has this long to exit before it is struck again. */
#define ROUND_QUIET_MS 20
/* So many numbers are asked one by one more cheaply than the whole table is listed. */
#define ROUND_FEW_NUMBERS 1024

struct round {
    struct scope *scope;
    struct ledger *ledger;
    size_t struck;
    size_t unreached; /* alive, and could not be signalled */
    size_t refused;   /* of these, those with a reason that does not pass */
};

void round_add(struct round *round, enum os_strike strike);
/* For os_scan, with the round as its context. Reading a brand needs no file. The brand is read
 * again behind the handle, and that is the proof. */
void round_strike_branded(void *context, const struct process_row *row);

/* Whether one call may kill the whole container. */
bool round_is_contained(const struct scope *scope);
/* Lists the container's members for the report while they live. False when they could not be
 * listed. */
bool round_list_container(const struct scope *scope, struct ledger *ledger);
/* A member in another pid namespace may have no number here, and no parent here that names it, but
 * the cgroup counts it. A killed member is counted until it has exited. */
bool round_container_is_empty(const struct scope *scope);

/* The end of a kill: notes each survivor with its reason, and what could not be looked at. True
 * when it is certain that nothing is left. */
bool round_conclude(struct scope *scope, struct ledger *ledger);

#endif
