#include "os/linux/handle.h"

#include "os/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void os_handle_close(os_handle *handle)
{
    if (*handle != OS_NO_HANDLE)
        close((int)*handle);
    *handle = OS_NO_HANDLE;
}

int handle_above_streams(int fd)
{
    if (fd < 0 || fd > 2)
        return fd;
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    int os_code = errno;
    close(fd);
    errno = os_code;
    return moved;
}
