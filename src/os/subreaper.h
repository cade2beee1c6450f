/* Adopting the orphans of the tree. */
#ifndef TREEFALL_OS_SUBREAPER_H
#define TREEFALL_OS_SUBREAPER_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From now on orphans of the tree become our children. */
struct error os_subreaper_become(void);
/* Whether we have any children, including ones that have exited. */
bool os_has_children(void);
/* The pids of our own living children, at most `capacity`. */
size_t os_children(int32_t *pids, size_t capacity);
/* The children of another process that has a single thread. */
size_t os_children_of(int32_t parent, int32_t *pids, size_t capacity);

#endif
