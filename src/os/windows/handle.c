#include "os/windows/object.h"

void os_handle_close(os_handle *handle)
{
    object_close(*handle);
    *handle = OS_NO_HANDLE;
}
