/* Guards that are copies of this process. */
#ifndef TREEFALL_OS_FORK_H
#define TREEFALL_OS_FORK_H

#include "base/error.h"
#include "os/process.h"

/* A copy of ourselves, named `name`, which os_child_reap does not see as a child. It shares our
 * handles, present and future. `body` runs in it, and its result is the exit status. */
struct error os_fork_guard(const char *name, int (*body)(void *context), void *context,
                           struct os_process *out);
/* The same, but with handles of its own, and permanently: it outlives us. */
struct error os_fork_detached(const char *name, int (*body)(void *context), void *context,
                              struct os_process *out);
/* Moves us into a session of our own. The kernel takes a while for this (0.1 ms and more: each
 * session gets a scheduling group), and blocks other forks meanwhile. */
void os_session_own(void);

#endif
