#include "os/route.h"

bool os_has_route(enum route route)
{
    return route == ROUTE_JOB || route == ROUTE_LINEAGE || route == ROUTE_PARENT_LINK;
}

enum route os_container_route(void)
{
    return ROUTE_JOB;
}

bool os_is_emulated(void)
{
    return false;
}
