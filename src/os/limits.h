/* The limits that could end a guard, or keep it from a kill. */
#ifndef TREEFALL_OS_LIMITS_H
#define TREEFALL_OS_LIMITS_H

#include "base/error.h"

#include <stddef.h>

/* Each as high as we may set it; the command gets back what we inherited. */
void os_limits_raise(void);
/* Whether a guard can wait, and kill within its limits: processor time, and so many descriptors. */
struct error os_limits_suffice(size_t descriptors);

/* A look, a handle and a report, by each of three guards that share their descriptors. */
#define OS_FILES_OF_A_FALL 12

#endif
