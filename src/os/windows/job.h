/* A Job Object, and what it does to its members. */
#ifndef TREEFALL_OS_WINDOWS_JOB_H
#define TREEFALL_OS_WINDOWS_JOB_H

#include "os/windows/win.h"

/* An empty one without limits, as the container's handle. */
struct error job_make(struct os_container *out);
/* These limits, and no other. False with GetLastError(). */
bool job_limit(HANDLE job, DWORD flags);
/* Of the command's job: limits beside those that it has. */
bool job_change(const struct os_container *container, DWORD set, DWORD cleared);
bool job_cap(const struct os_container *container, DWORD count);

#endif
