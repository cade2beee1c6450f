#ifndef TREEFALL_OS_WINDOWS_CONTAINER_H
#define TREEFALL_OS_WINDOWS_CONTAINER_H

#include "os/windows/win.h"

/* The container's job, and a job inside it that permits breakaway: a process is put into both. */
struct container_jobs {
    HANDLE job[2]; /* we close the second one, which lives as long as its members */
};
bool container_jobs_open(const struct os_container *container, struct container_jobs *out);
void container_jobs_close(struct container_jobs *jobs);
/* Puts a process that does not run yet into the jobs, unless it is in them. */
struct error container_take(const struct container_jobs *jobs, HANDLE process);

#endif
