/* A Job Object, and its limits. */
#ifndef TREEFALL_OS_WINDOWS_JOB_H
#define TREEFALL_OS_WINDOWS_JOB_H

#include "os/windows/win.h"

/* Makes an empty job without limits, as the container's handle. */
struct error job_make(struct os_container *out);
/* Sets these limits, and no others. On failure returns false, with GetLastError(). */
bool job_limit(HANDLE job, DWORD flags);
/* Changes the command's job: sets and clears limits, and keeps its others. */
bool job_change(const struct os_container *container, DWORD set, DWORD cleared);
bool job_cap(const struct os_container *container, DWORD count);

#endif
