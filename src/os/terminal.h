/* The terminal, and job control. */
#ifndef TREEFALL_OS_TERMINAL_H
#define TREEFALL_OS_TERMINAL_H

#include "os/handle.h"

#include <stdbool.h>
#include <stdint.h>

struct os_terminal {
    os_handle handle; /* OS_NO_HANDLE = no controlling terminal */
    int32_t our_group;
    bool eager; /* we are the whole job of a shell, with all streams on the terminal: the command
                   gets the terminal at once */
};
/* Whether a command can have a process group of its own and the terminal. If not, the keys that end
 * and stop reach the command anyway. */
bool os_has_job_control(void);
void os_terminal_open(struct os_terminal *terminal);
void os_terminal_close(struct os_terminal *terminal);
/* Whether our own process group is in the foreground. */
bool os_terminal_is_ours(const struct os_terminal *terminal);
/* Saves the settings of the terminal. */
void os_terminal_give(const struct os_terminal *terminal, int32_t group);
/* Takes the terminal back if `group` has it, or a group that is gone. Returns whether it did. */
bool os_terminal_take(const struct os_terminal *terminal, int32_t group);
/* Restores the saved settings. */
void os_terminal_restore(const struct os_terminal *terminal);
/* Leaves the alternate screen, shows the cursor, and switches off reports of the mouse, of focus
 * and of pastes. Writes nothing if TERM is not set or is "dumb". Not on Windows. */
void os_terminal_reset_screen(const struct os_terminal *terminal);
/* Stops us, or our whole process group, by this signal of job control, or by SIGTSTP for any other
 * signal. Returns when we are continued. False if no process would continue us, so that nothing was
 * stopped. */
bool os_stop_self(int signal, bool group);
/* Ends us as Ctrl-C would. Returns if that is impossible: for an init. */
void os_end_self_by_interrupt(void);

#endif
