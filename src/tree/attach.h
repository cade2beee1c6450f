/* Attaching: making a tree out of a process that already runs and was not started by treefall. */
#ifndef TREEFALL_TREE_ATTACH_H
#define TREEFALL_TREE_ATTACH_H

#include "tree/scope.h"

/* Brands the ward and its present descendants, pass after pass, until a pass finds no new process.
 * It drains the kernel's fork events so that newborn daemons are not missed. Guards found inside
 * keep their own brands, which count as ours. A process that was orphaned before cannot be found.
 * If the ward carries the brand in `scope->brands.list[0]` (level not 0) for an earlier guard, that
 * brand is used again. `scope->ward` is open; the result is in the scope's guarantee. */
void attach_tree(struct scope *scope, unsigned without);

#endif
