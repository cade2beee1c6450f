/* A cap on the number of processes of a tree. */
#ifndef TREEFALL_OS_LINUX_CAP_H
#define TREEFALL_OS_LINUX_CAP_H

#include "os/os.h"

#define PIDS_HIERARCHY "/sys/fs/cgroup/pids" /* of cgroup v1 */

/* In the new process: RLIMIT_NPROC at what its user runs already and `count` more. It counts the
 * user's processes, wherever they are, and root is exempt: there a cgroup is needed. -1 with errno.
 */
int cap_by_limit(uint64_t count);
/* In the new process: enters the folder that os_container_cap made. -1 with errno. */
int cap_join(const struct os_container *container);

#endif
