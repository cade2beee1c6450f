/* Programs that are not our children: the sentinel of the library, and of a system without fork. */
#ifndef TREEFALL_OS_ORPHAN_H
#define TREEFALL_OS_ORPHAN_H

#include "base/error.h"
#include "core/route.h"
#include "os/handle.h"
#include "os/process.h"

#include <stddef.h>

struct os_orphan {
    enum escape escape; /* how it left our job */
    /* Its parent, if a process had to stay between the orphan and us: our child while the orphan
     * lives, for os_guard_reap. No handle = none. */
    struct os_process parent;
};
/* Starts the program at `path` as an orphan, which no plain wait of ours ever sees. In it,
 * `handles` are its handles 3, 4, ... */
struct error os_spawn_orphan(const char *path, const os_handle *handles, size_t count,
                             struct os_orphan *out);
/* The escape that os_spawn_orphan would report, tried on a process that never runs. */
enum escape os_escape_try(const char *path);
/* Gives us a session of our own, no standard handles, nothing open from `first` on, and the root as
 * working folder. */
void os_detach(os_handle first);

#endif
