/* The container: a cgroup (Linux), a Job Object (Windows). */
#ifndef TREEFALL_OS_CONTAINER_H
#define TREEFALL_OS_CONTAINER_H

#include "base/error.h"
#include "os/handle.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct os_container {
    os_handle handle; /* OS_NO_HANDLE = none */
    char path[256];
    char cap_path[96]; /* of a cap that needs a folder of its own; "" = none */
    bool spares;       /* some members may outlive us */
};

struct error os_container_make(struct os_container *out);
/* Some members must be kept: from now on the exit of the last holder kills no member. */
void os_container_spare(struct os_container *container);
/* Kills all members at once. */
struct error os_container_kill(const struct os_container *container);
/* Lists all present members, including those of containers inside it. 0 is a member without a
 * number here. False if some could not be listed. */
bool os_container_members(const struct os_container *container,
                          void (*member)(void *context, int32_t pid), void *context);
/* Waits until `until_ms` for the container to be empty. If all members are known by number, their
 * census decides, and this is always true. */
bool os_container_is_empty(const struct os_container *container, int64_t until_ms);
/* Whether `pid` is a member. */
bool os_container_has(const struct os_container *container, int32_t pid);
/* Removes empty containers whose guards were all killed, in the place where we would make one.
 * Returns how many. */
size_t os_container_prune(void);
/* Removes what is visible of the container. The handle stays open, for other processes that share
 * it. */
void os_container_clear(struct os_container *container);
/* Closes the container, and removes what is visible of it once it is empty. Waits for that at most
 * a second, or hardly at all if it spares members. */
void os_container_remove(struct os_container *container);

#endif
