#include "os/handle.h"

#include <unistd.h>

void os_handle_close(os_handle *handle)
{
    if (*handle != OS_NO_HANDLE)
        close((int)*handle);
    *handle = OS_NO_HANDLE;
}
