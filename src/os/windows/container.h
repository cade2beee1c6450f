#ifndef TREEFALL_OS_WINDOWS_CONTAINER_H
#define TREEFALL_OS_WINDOWS_CONTAINER_H

#include "os/windows/win.h"

/* Puts a process that does not run yet into the container's job. */
struct error container_take(const struct os_container *container, HANDLE process);
/* Whether this process is in its own enclosure, which lets no child of ours out. */
bool container_encloses_us(void);

#endif
