/* Births: if neither a brand nor a cgroup shows the members, the kernel's fork events do. A child
 * of a member is then known before its parent can exit and orphan it. */
#ifndef TREEFALL_TREE_BIRTHS_H
#define TREEFALL_TREE_BIRTHS_H

#include "tree/scope.h"

/* Whether this tree needs fork events: nothing else finds an orphan once the wrapper is dead. */
bool births_are_needed(const struct scope *scope);
/* Opens one more queue if the tree needs it and the rung is armed, else sets OS_NO_HANDLE. Each
 * process reads its own queue. */
void births_open(const struct scope *scope, os_handle *out);
/* Reads the queued events of scope->lineage.births, if any, and remembers each child of a member.
 * False if events were lost or are still queued: scan again. */
bool births_read(struct scope *scope);

#endif
