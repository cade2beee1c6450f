#include "os/linux/handle.h"
#include "os/linux/sys.h"
#include "os/os.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

static const char *const what = "watch standard input for end of input";

bool os_has_input_end(void)
{
    return true;
}

/* epoll can report the hang-up alone. poll would wake for every byte that is ready to read. epoll
 * accepts no file or device that is always readable (EPERM). */
struct error os_input_watch(os_handle *out)
{
    struct epoll_event end = {.events = EPOLLRDHUP}; /* EPOLLHUP is always reported */
    int watch = handle_above_streams(epoll_create1(EPOLL_CLOEXEC));
    if (watch < 0)
        return error_make(ERROR_SYSTEM, errno, what, sys_advice(errno));
    if (epoll_ctl(watch, EPOLL_CTL_ADD, STDIN_FILENO, &end) == 0) {
        *out = watch;
        return ERROR_OK;
    }
    int os_code = errno;
    close(watch);
    if (os_code == EPERM || os_code == EBADF)
        return error_make(ERROR_REFUSED, 0, what,
                          "it is closed, or a file or a device that has no other end: give the "
                          "command a pipe, a socket or a terminal");
    return error_make(ERROR_SYSTEM, os_code, what, sys_advice(os_code));
}
