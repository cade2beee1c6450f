#include "os/os.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* All signals are blocked in the wrapper, so tcsetpgrp from the background does not stop us. */

void os_terminal_open(struct os_terminal *terminal)
{
    *terminal = (struct os_terminal){.handle = OS_NO_HANDLE, .our_group = getpgrp()};
    terminal->handle = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    terminal->eager = terminal->handle >= 0 && tcgetpgrp(STDIN_FILENO) >= 0 &&
                      tcgetpgrp(STDOUT_FILENO) >= 0;
}

void os_terminal_close(struct os_terminal *terminal)
{
    os_handle_close(&terminal->handle);
}

bool os_terminal_is_ours(const struct os_terminal *terminal)
{
    return terminal->handle != OS_NO_HANDLE &&
           tcgetpgrp((int)terminal->handle) == terminal->our_group;
}

void os_terminal_give(const struct os_terminal *terminal, int32_t group)
{
    if (terminal->handle != OS_NO_HANDLE)
        tcsetpgrp((int)terminal->handle, group);
}

void os_terminal_take(const struct os_terminal *terminal, int32_t group)
{
    if (terminal->handle != OS_NO_HANDLE && tcgetpgrp((int)terminal->handle) == group)
        tcsetpgrp((int)terminal->handle, terminal->our_group);
}

/* SIGSTOP: the shell that waits for us sees a stopped job, whatever signal it was. */
void os_stop_self(void)
{
    (void)raise(SIGSTOP);
}
