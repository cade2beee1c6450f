/* The cgroups (v2) of processes, and those below one. */
#ifndef TREEFALL_OS_LINUX_CGROUP_H
#define TREEFALL_OS_LINUX_CGROUP_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where cgroup v2 is mounted; NULL = nowhere. */
const char *cgroup_mount(void);
/* The path in the line "0::/path" of /proc/PID/cgroup, cut out of `text`; NULL if there is none. */
const char *cgroup_path(int32_t pid, char *text, size_t capacity);
/* The folder of the cgroup that we are in. */
struct error cgroup_folder(char *path, size_t capacity);
/* What an errno means for a cgroup that is to be made. */
struct error cgroup_failed(int os_code);
/* All members of this folder and of those below it. False when some were not told. */
bool cgroup_members(const char *path, void (*member)(void *context, int32_t pid), void *context);
/* The folder and those below it, but none that has members. */
void cgroup_remove(int parent, const char *name);

#endif
