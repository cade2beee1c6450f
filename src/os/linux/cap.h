/* A limit on the number of processes of a tree. */
#ifndef TREEFALL_OS_LINUX_CAP_H
#define TREEFALL_OS_LINUX_CAP_H

#include "os/os.h"

#define PIDS_HIERARCHY "/sys/fs/cgroup/pids" /* of cgroup v1 */

/* Call in the new process. Sets RLIMIT_NPROC to the number that its user runs already, plus
 * `count`. The limit counts all processes of the user, wherever they run. Root is exempt, so root
 * needs a cgroup. -1 with errno. */
int cap_by_limit(uint64_t count);
/* Call in the new process: enters the folder that os_container_cap made. -1 with errno. */
int cap_join(const struct os_container *container);

#endif
