/* Guards that are copies of ourselves. */
#ifndef TREEFALL_OS_FORK_H
#define TREEFALL_OS_FORK_H

#include "base/error.h"
#include "os/process.h"

/* A copy of ourselves that is no child in the eyes of os_child_reap, with our handles as they are
 * and will be, named `name`; `body` runs in it and its result is the status. */
struct error os_fork_guard(const char *name, int (*body)(void *context), void *context,
                           struct os_process *out);
/* The same with handles of its own, and for good: it outlives us. */
struct error os_fork_detached(const char *name, int (*body)(void *context), void *context,
                              struct os_process *out);
/* Into a session of our own. The kernel takes its time for it (0.1 ms and more: a scheduling group
 * of its own), and holds up other forks meanwhile. */
void os_session_own(void);

#endif
