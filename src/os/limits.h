/* Limits that could kill a guard, or keep it from killing. */
#ifndef TREEFALL_OS_LIMITS_H
#define TREEFALL_OS_LIMITS_H

#include "base/error.h"

#include <stddef.h>

/* Raises each limit as far as we may. The command gets back what we inherited. */
void os_limits_raise(void);
/* Whether a guard can wait, and can kill within its limits: processor time, and this many
 * descriptors. */
struct error os_limits_suffice(size_t descriptors);

/* For a scan, a handle and a report, in each of three guards that share their descriptors. */
#define OS_FILES_OF_A_FALL 12

#endif
