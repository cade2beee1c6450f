/* Programs that are nobody's child: the sentinel of the library, and of whoever cannot fork. */
#ifndef TREEFALL_OS_ORPHAN_H
#define TREEFALL_OS_ORPHAN_H

#include "base/error.h"
#include "core/route.h"
#include "os/handle.h"
#include "os/process.h"

#include <stddef.h>

struct os_orphan {
    enum escape escape; /* out of what it got */
    /* Its parent, where a process had to stay between it and us: our child while the orphan lives,
     * for os_guard_reap. No handle = there is none. */
    struct os_process parent;
};
/* Starts the program at `path` as an orphan, which no plain wait of ours ever sees. `handles`
 * become its handles 3, 4, ... */
struct error os_spawn_orphan(const char *path, const os_handle *handles, size_t count,
                             struct os_orphan *out);
/* What that would say, tried on a process that never runs. */
enum escape os_escape_try(const char *path);
/* A session of our own, no standard handles, nothing open from `first` on, the root as folder. */
void os_detach(os_handle first);

#endif
