/* Orphans of the tree, adopted. */
#ifndef TREEFALL_OS_SUBREAPER_H
#define TREEFALL_OS_SUBREAPER_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Orphans of the tree become our children. */
struct error os_subreaper_become(void);
/* Whether we have any, be it one that has ended. */
bool os_has_children(void);
/* The pids of our own living children, `capacity` at most. */
size_t os_children(int32_t *pids, size_t capacity);
/* Those of another process of one thread. */
size_t os_children_of(int32_t parent, int32_t *pids, size_t capacity);

#endif
