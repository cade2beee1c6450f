/* The cgroups (v2) of processes, and those below one. */
#ifndef TREEFALL_OS_LINUX_CGROUP_H
#define TREEFALL_OS_LINUX_CGROUP_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where cgroup v2 is mounted; NULL = not mounted. */
const char *cgroup_mount(void);
/* The path in the line "0::/path" of /proc/PID/cgroup, cut out of `text`; NULL if there is none. */
const char *cgroup_path(int32_t pid, char *text, size_t capacity);
/* The folder of our own cgroup. */
struct error cgroup_folder(char *path, size_t capacity);
/* What an errno means when a cgroup is made. */
struct error cgroup_failed(int os_code);
/* All members of this folder and of those below it. False if some could not be listed. */
bool cgroup_members(const char *path, void (*member)(void *context, int32_t pid), void *context);
/* Removes the folder and those below it, except folders with members. */
void cgroup_remove(int parent, const char *name);

#endif
