/* No job control. */
#include "os/terminal.h"

bool os_has_job_control(void)
{
    return false;
}

void os_terminal_open(struct os_terminal *terminal)
{
    *terminal = (struct os_terminal){.handle = OS_NO_HANDLE};
}

void os_terminal_close(struct os_terminal *terminal)
{
    (void)terminal;
}

bool os_terminal_is_ours(const struct os_terminal *terminal)
{
    (void)terminal;
    return false;
}

void os_terminal_give(const struct os_terminal *terminal, int32_t group)
{
    (void)terminal;
    (void)group;
}

bool os_terminal_take(const struct os_terminal *terminal, int32_t group)
{
    (void)terminal;
    (void)group;
    return false;
}

void os_terminal_reset_screen(const struct os_terminal *terminal)
{
    (void)terminal;
}

void os_terminal_restore(const struct os_terminal *terminal)
{
    (void)terminal;
}

bool os_stop_self(int signal, bool group)
{
    (void)signal;
    (void)group;
    return false;
}

/* The status of the command already shows it. */
void os_end_self_by_interrupt(void)
{
}
