/* Small readers of procfs, shared by the Linux files. */
#ifndef TREEFALL_OS_LINUX_PROC_H
#define TREEFALL_OS_LINUX_PROC_H

#include "base/error.h"
#include "core/process.h"

#include <stddef.h>
#include <sys/types.h>

/* Whether /proc exists and its numbers are ours. The /proc of another pid namespace (an `unshare
 * --pid` without a mount of its own) gives our numbers to strangers: no number is looked up in
 * it. */
bool proc_is_ours(void);
/* Call in a child that was forked into our pid namespace: it inherits what its parent found out. */
void proc_inherit(bool is_ours);
/* Why proc_is_ours is false, and what to do about it. */
struct error proc_missing(const char *what);
/* Reads /proc/PID/NAME (pid 0: /proc/self/NAME) whole or in part, NUL-terminated.
 * Returns the bytes read, or -errno. */
ssize_t proc_read(pid_t pid, const char *name, char *out, size_t capacity);
/* The same for a file given by its path. */
ssize_t proc_read_path(const char *path, char *out, size_t capacity);
/* Appends to a path; false if it does not fit. */
bool proc_path(char *out, size_t capacity, pid_t pid, const char *name);
/* Fills all of `row` but its brand from /proc/PID/stat. */
struct error proc_stat(pid_t pid, struct process_row *row);
/* What a failed read of a process's files means. */
struct error proc_failed(int os_code, const char *what);

#endif
