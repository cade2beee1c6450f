/* What the system gives a number for: a file, a process, a channel. Owned by who opened it. */
#ifndef TREEFALL_OS_HANDLE_H
#define TREEFALL_OS_HANDLE_H

#include <stdint.h>

#define OS_NO_HANDLE (-1)

typedef intptr_t os_handle;

/* Closing none is free; none is left in its place. */
void os_handle_close(os_handle *handle);

#endif
