/* Asking members to exit, by a signal that they may ignore. */
#ifndef TREEFALL_TREE_ASK_H
#define TREEFALL_TREE_ASK_H

#include "report/ledger.h"
#include "tree/scope.h"

/* Sends `signal` to every member once. Returns how many members it reached. */
size_t ask_all(struct scope *scope, int signal, struct ledger *ledger);
/* The same for the members of one process group. */
size_t ask_group(struct scope *scope, int32_t group, int signal, struct ledger *ledger);
/* Sends `signal` to each member of the rest that was not asked before, with `heads_alone` only to
 * those whose parents are gone. False when none of the rest could be asked so far. */
bool ask_rest(struct scope *scope, bool heads_alone, int signal, struct ledger *ledger);

#endif
