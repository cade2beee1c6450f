/* A number by which the system knows a file, a process or a channel. The code that opened it owns
 * it. */
#ifndef TREEFALL_OS_HANDLE_H
#define TREEFALL_OS_HANDLE_H

#include <stdint.h>

#define OS_NO_HANDLE (-1)

typedef intptr_t os_handle;

/* Closing OS_NO_HANDLE does nothing. Sets the handle to OS_NO_HANDLE. */
void os_handle_close(os_handle *handle);

#endif
