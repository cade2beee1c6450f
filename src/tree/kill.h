/* Killing a tree: everything of it is forced until nothing is left. What comes before that is up to
 * core/ending. */
#ifndef TREEFALL_TREE_KILL_H
#define TREEFALL_TREE_KILL_H

#include "report/ledger.h"
#include "tree/reaper.h"
#include "tree/scope.h"

/* How long a kill goes on before what is left counts as surviving. */
#define KILL_BUDGET_MS 10000

/* By the tree's subreaper. `signals` is readable when a child ended. "No children are left" is the
 * proof that all is gone. True when it is. */
bool kill_as_parent(struct scope *scope, struct reaper *reaper, os_handle signals,
                    struct ledger *ledger);
/* By anyone else: census, strike, again, until a census is empty. True when it is. */
bool kill_as_stranger(struct scope *scope, struct ledger *ledger);
/* The same for kill_as_parent, where only a census tells whom --keep spares. */
bool kill_until_none(struct scope *scope, struct ledger *ledger);

#endif
