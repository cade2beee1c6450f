/* What a ward hands to its sentinel. Handles are pushed, not pulled: whatever the sentinel's own
 * rights are, it gets what the ward can give. The environment names only the pipe and the ward; it
 * carries no handle and no secret. */
#ifndef TREEFALL_OS_WINDOWS_INHERITANCE_H
#define TREEFALL_OS_WINDOWS_INHERITANCE_H

#include "os/windows/win.h"

struct pipe;

#define INHERITANCE_AT_MOST 8
/* Its value is PIPE|PID. */
#define INHERITANCE_VARIABLE L"TREEFALL_INHERITANCE"

/* Duplicates the handles into a process that has opened the pipe, and sends it their numbers. */
struct error inheritance_give(struct pipe *pipe, HANDLE process, const os_handle *handles,
                              size_t count);
/* Call in the sentinel before any handle is used: the handles become 3, 4, ... */
void inheritance_take(void);

#endif
