#include "os/route.h"

#include <string.h>
#include <unistd.h>

bool os_has_route(enum route route)
{
    return route != ROUTE_JOB;
}

enum route os_container_route(void)
{
    return ROUTE_CGROUP;
}

/* qemu-user answers /proc/self/exe with the emulated program, and recognises that path by its
 * spelling. */
bool os_is_emulated(void)
{
    char told[512];
    char real[512];
    ssize_t told_bytes = readlink("/proc/self/exe", told, sizeof told);
    ssize_t real_bytes = readlink("/proc//self/./exe", real, sizeof real);
    return told_bytes > 0 && real_bytes > 0 &&
           (told_bytes != real_bytes || memcmp(told, real, (size_t)told_bytes) != 0);
}
