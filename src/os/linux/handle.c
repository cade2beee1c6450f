#include "os/linux/handle.h"

#include "os/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

void os_handle_close(os_handle *handle)
{
    if (*handle != OS_NO_HANDLE)
        close((int)*handle);
    *handle = OS_NO_HANDLE;
}

/* The kernel has close_range since 5.9, and a filter may deny it. */
void close_range_of(unsigned first, unsigned last)
{
    if (first > last || syscall(SYS_close_range, first, last, 0) == 0)
        return;
    for (unsigned fd = first; fd <= last && fd < UNLISTED_AT_MOST; fd++)
        close((int)fd);
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
