/* Killing a tree: all members are forced until none is left. What comes before is up to
 * core/ending. */
#ifndef TREEFALL_TREE_KILL_H
#define TREEFALL_TREE_KILL_H

#include "report/ledger.h"
#include "tree/reaper.h"
#include "tree/scope.h"

/* How long a kill goes on before the members that are left count as survivors. */
#define KILL_BUDGET_MS 10000

/* For the tree's subreaper. `signals` is readable when a child has exited. "No children are left"
 * is the proof that the tree is gone. True when it is gone. */
bool kill_as_parent(struct scope *scope, struct reaper *reaper, os_handle signals,
                    struct ledger *ledger);
/* For any other process: takes a census and kills, until a census is empty. True when the tree is
 * gone. */
bool kill_as_stranger(struct scope *scope, struct ledger *ledger);
/* The same for kill_as_parent with --keep, where only a census tells which members are spared. */
bool kill_until_none(struct scope *scope, struct ledger *ledger);

#endif
