#include "os/route.h"

bool os_has_route(enum route route)
{
    return route != ROUTE_JOB;
}

enum route os_container_route(void)
{
    return ROUTE_CGROUP;
}
