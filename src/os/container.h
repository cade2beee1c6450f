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
    char cap_path[96]; /* of a cap that takes a place of its own; "" = none */
    bool spares;       /* some members may outlive us */
};

struct error os_container_make(struct os_container *out);
/* Some members are to be kept: the end of its holders kills nobody any more. */
void os_container_spare(struct os_container *container);
/* Ends all members at once. */
struct error os_container_kill(const struct os_container *container);
/* All members as of now, those of containers inside it as well; 0 is one that has no number here.
 * False when some were not told. */
bool os_container_members(const struct os_container *container,
                          void (*member)(void *context, int32_t pid), void *context);
/* Waits for it until `until_ms`. Where the members are all known by number, their census says it,
 * and this is always true. */
bool os_container_is_empty(const struct os_container *container, int64_t until_ms);
/* Whether `pid` is a member. */
bool os_container_has(const struct os_container *container, int32_t pid);
/* Removes the empty ones whose guards were all killed, where we would make one. Returns how many.
 */
size_t os_container_prune(void);
/* What is visible of it goes; it stays open, for others that share the handle. */
void os_container_clear(struct os_container *container);
/* Closes it, and removes what is visible of it once it is empty (waits a second for that at most,
 * and hardly where it spares some).
 */
void os_container_remove(struct os_container *container);

#endif
