/* Births: where neither brand nor cgroup tells who belongs, the kernel's fork events do. A child of
 * a member is known before its parent can end and leave it an orphan. */
#ifndef TREEFALL_TREE_BIRTHS_H
#define TREEFALL_TREE_BIRTHS_H

#include "tree/scope.h"

/* Whether this tree needs them: nothing else finds an orphan once the wrapper is dead. */
bool births_are_needed(const struct scope *scope);
/* Opens one more queue, if the tree needs it and the rung is armed; else OS_NO_HANDLE. Each process
 * reads its own. */
void births_open(const struct scope *scope, os_handle *out);
/* Takes what is queued in scope->lineage.births, if anything: who was born to a member is
 * remembered. False if some were lost or are still queued: rescan. */
bool births_read(struct scope *scope);

#endif
