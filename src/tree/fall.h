/* The fall: everything of the tree is forced until nothing is left. What comes before that is up to
 * core/ending. */
#ifndef TREEFALL_TREE_FALL_H
#define TREEFALL_TREE_FALL_H

#include "core/ending.h"
#include "report/ledger.h"
#include "tree/reaper.h"
#include "tree/scope.h"

/* How long a fall goes on before what is left counts as surviving. */
#define FALL_BUDGET_MS 10000

/* By the tree's subreaper. `signals` is readable when a child ended. "No children are left" is the
 * proof that all is gone. True when it is. */
bool fall_as_parent(struct scope *scope, struct reaper *reaper, os_handle signals,
                    struct ledger *ledger);
/* By anyone else: census, strike, again, until a census is empty. True when it is. */
bool fall_as_stranger(struct scope *scope, struct ledger *ledger);
/* Sends `signal` to every member once: asks them to end. Returns how many it reached. */
size_t fall_ask_all(struct scope *scope, int signal, struct ledger *ledger);
/* The same for the members of that process group. */
size_t fall_ask_group(struct scope *scope, int32_t group, int signal, struct ledger *ledger);
/* Sends `signal` to each member of the rest that was not asked before, or to those of them alone
 * whose parents are gone. False when none of the rest could be asked up to now. */
bool fall_ask_rest(struct scope *scope, bool heads_alone, int signal, struct ledger *ledger);
/* Whether the ward is to be kept, or may be. */
bool fall_keeps_ward(const struct scope *scope);
/* The ward alone, unless it is to be kept. */
bool fall_signal_ward(struct scope *scope, int signal, struct ledger *ledger);
/* Kills the ward, or asks the rest, if the step says so: what every guard does alike. A rest that
 * cannot be asked is forced. */
void fall_step(struct scope *scope, struct ending *ending, enum ending_step step,
               struct ledger *ledger);
/* Notes who would fall, touching nothing. Returns how many, without those to keep. */
size_t fall_find(struct scope *scope, struct ledger *ledger);
/* Whether there is none but those to keep, for sure: a look that could not see all does not say so.
 */
bool fall_finds_none(struct scope *scope);

#endif
