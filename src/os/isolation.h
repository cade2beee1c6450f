/* A pid namespace for the command: os_spawn.isolate. */
#ifndef TREEFALL_OS_ISOLATION_H
#define TREEFALL_OS_ISOLATION_H

#include <stdbool.h>

/* Whether this system has pid namespaces at all. */
bool os_has_isolation(void);

#endif
