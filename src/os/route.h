/* Which routes this system has. */
#ifndef TREEFALL_OS_ROUTE_H
#define TREEFALL_OS_ROUTE_H

#include "core/route.h"

#include <stdbool.h>

/* Whether this system has such a route at all. */
bool os_has_route(enum route route);
/* The one by which a container's members are known. */
enum route os_container_route(void);

/* Whether an emulator (qemu-user) runs us, which does not pass on all that the kernel can do. */
bool os_is_emulated(void);

#endif
