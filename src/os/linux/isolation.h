/* The command in a pid namespace of its own. Our first process there is its init: when that ends,
 * by itself or because the wrapper died, the kernel ends every process in it. */
#ifndef TREEFALL_OS_LINUX_ISOLATION_H
#define TREEFALL_OS_LINUX_ISOLATION_H

#include "os/os.h"

/* For clone; a user namespace as well where we may not make the others without. */
uint64_t isolate_flags(void);
/* In the init: identity, /proc, and its end with the wrapper's. -1 with errno. */
int isolate_prepare(void);
/* Returns 0 in the command's process; the init itself stays inside until its end. -1 with errno. */
int isolate_init(const struct os_spawn *spawn, int fault);

#endif
