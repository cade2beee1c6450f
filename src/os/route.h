/* Which routes this system has. */
#ifndef TREEFALL_OS_ROUTE_H
#define TREEFALL_OS_ROUTE_H

#include "core/route.h"

#include <stdbool.h>

/* Whether this system has the route. */
bool os_has_route(enum route route);
/* The route by which a container's members are known. */
enum route os_container_route(void);

/* Whether we run in an emulator (qemu-user), which does not pass on all abilities of the kernel. */
bool os_is_emulated(void);

#endif
