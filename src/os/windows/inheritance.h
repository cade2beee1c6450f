/* What a ward hands to its sentinel. Handles are pushed, never pulled: whatever the sentinel's own
 * rights are, it has what the ward could give. The environment names the pipe and the ward; no
 * handle and no secret goes by there. */
#ifndef TREEFALL_OS_WINDOWS_INHERITANCE_H
#define TREEFALL_OS_WINDOWS_INHERITANCE_H

#include "os/windows/win.h"

struct pipe;

#define INHERITANCE_AT_MOST 8
/* Its value is PIPE|PID. */
#define INHERITANCE_VARIABLE L"TREEFALL_INHERITANCE"

/* Duplicates the handles into a process that has opened the pipe, and tells it their numbers. */
struct error inheritance_give(struct pipe *pipe, HANDLE process, const os_handle *handles,
                              size_t count);
/* In the sentinel, before anything else is done with a handle: they become 3, 4, ... */
void inheritance_take(void);

#endif
