#include "os/child.h"

#include <errno.h>
#include <sys/wait.h>

enum os_reaped os_child_reap(struct os_exit *out)
{
    static const enum os_exit_kind kinds[] = {
        [CLD_EXITED] = EXIT_CODE,     [CLD_KILLED] = EXIT_SIGNAL,
        [CLD_DUMPED] = EXIT_SIGNAL,   [CLD_STOPPED] = EXIT_STOPPED,
        [CLD_TRAPPED] = EXIT_STOPPED, [CLD_CONTINUED] = EXIT_CONTINUED,
    };
    siginfo_t info = {.si_pid = 0};
    int result;
    /* The signal for this exit has been read already: an exit that is missed now is missed for
     * ever. */
    do
        result = waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WCONTINUED | WNOHANG);
    while (result < 0 && errno == EINTR);
    if (result < 0)
        return errno == ECHILD ? REAPED_NO_CHILDREN : REAPED_NONE_NOW;
    if (info.si_pid == 0)
        return REAPED_NONE_NOW;
    *out = (struct os_exit){info.si_pid, kinds[info.si_code], (uint32_t)info.si_status};
    return REAPED_ONE;
}

uint32_t os_status_most(void)
{
    return 255;
}
