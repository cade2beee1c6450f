/* Runs the command in a pid namespace of its own. Our first process there is its init: when the
 * init exits, by itself or because the wrapper died, the kernel kills every process in the
 * namespace. */
#ifndef TREEFALL_OS_LINUX_ISOLATION_H
#define TREEFALL_OS_LINUX_ISOLATION_H

#include "os/os.h"

/* Flags for clone. Includes a user namespace if we may not create the others without one. */
uint64_t isolate_flags(void);
/* Call in the init: sets up identity, /proc, and its death with the wrapper. -1 with errno. */
int isolate_prepare(void);
/* Returns 0 in the command's process. The init itself stays inside until it exits. -1 with
 * errno. */
int isolate_init(const struct os_spawn *spawn, int fault);

#endif
