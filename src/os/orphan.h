/* Programs that are nobody's child: the sentinel of the library, and of whoever cannot fork. */
#ifndef TREEFALL_OS_ORPHAN_H
#define TREEFALL_OS_ORPHAN_H

#include "core/error.h"
#include "core/route.h"
#include "os/handle.h"

#include <stddef.h>

/* Starts the program at `path` as nobody's child: it is an orphan at once, and no wait of ours ever
 * sees it. `handles` become its handles 3, 4, ... `*escape` says out of what it got. */
struct error os_spawn_orphan(const char *path, const os_handle *handles, size_t count,
                             enum escape *escape);
/* What that would say, tried on a process that never runs. */
enum escape os_escape_try(const char *path);
/* A session of our own, no standard handles, nothing open from `first` on, the root as folder. */
void os_detach(os_handle first);

#endif
