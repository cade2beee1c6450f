#ifndef TREEFALL_OS_WINDOWS_CONTAINER_H
#define TREEFALL_OS_WINDOWS_CONTAINER_H

#include "os/windows/win.h"

/* The container's job, and one in it that permits breakaway: what a process is put into. */
struct container_jobs {
    HANDLE job[2]; /* the second is ours to close, and lives as long as its members */
};
bool container_jobs_open(const struct os_container *container, struct container_jobs *out);
void container_jobs_close(struct container_jobs *jobs);
/* Puts a process that does not run yet into them, if it is not there. */
struct error container_take(const struct container_jobs *jobs, HANDLE process);

#endif
