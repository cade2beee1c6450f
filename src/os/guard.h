/* Reaping a guard. */
#ifndef TREEFALL_OS_GUARD_H
#define TREEFALL_OS_GUARD_H

#include "os/process.h"

/* Waits for a guard to exit and reaps it. A guard that does not exit in time is killed. */
void os_guard_reap(struct os_process *guard);

#endif
