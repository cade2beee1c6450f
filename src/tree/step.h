/* The steps of an ending (core/ending) that every guard takes in the same way. */
#ifndef TREEFALL_TREE_STEP_H
#define TREEFALL_TREE_STEP_H

#include "core/ending.h"
#include "report/ledger.h"
#include "tree/scope.h"

/* Whether the ward is kept, or may be. */
bool step_keeps_ward(const struct scope *scope);
/* Signals the ward alone, unless it is kept. */
bool step_signal_ward(struct scope *scope, int signal, struct ledger *ledger);
/* Kills the ward, or asks the rest, if the step says so. If none of the rest can be asked, it is
 * forced. */
void step_take(struct scope *scope, struct ending *ending, enum ending_step step,
               struct ledger *ledger);

#endif
