/* Attaching: making a tree out of a process that runs already, started by someone else. */
#ifndef TREEFALL_TREE_ATTACH_H
#define TREEFALL_TREE_ATTACH_H

#include "tree/scope.h"

/* Brands the ward and what descends from it now, pass after pass until a pass finds nobody new, and
 * drains the kernel's fork events so that newborn daemons are not missed. Guards found inside keep
 * their own brands, which are remembered as ours. What was orphaned before cannot be seen by
 * anyone. A brand in `scope->brands.list[0]` (level not 0) that the ward carries for an earlier
 * guard is used again. `scope->ward` is open; the result is in the scope's guarantee. */
void attach_tree(struct scope *scope, unsigned without);

#endif
