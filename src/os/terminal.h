/* The terminal, and job control. */
#ifndef TREEFALL_OS_TERMINAL_H
#define TREEFALL_OS_TERMINAL_H

#include "os/handle.h"

#include <stdbool.h>
#include <stdint.h>

struct os_terminal {
    os_handle handle; /* OS_NO_HANDLE = none controls us */
    int32_t our_group;
    bool eager; /* we are a shell's whole job, all of it on the terminal: the command gets it at
                 * once */
};
/* Whether a command can be given a process group and the terminal of its own. Where not, the keys
 * that end and stop reach it by themselves. */
bool os_has_job_control(void);
void os_terminal_open(struct os_terminal *terminal);
void os_terminal_close(struct os_terminal *terminal);
/* Whether our own process group is in the foreground. */
bool os_terminal_is_ours(const struct os_terminal *terminal);
/* Its settings are kept. */
void os_terminal_give(const struct os_terminal *terminal, int32_t group);
/* Takes it back if `group` has it, or a group that is gone; says if so. */
bool os_terminal_take(const struct os_terminal *terminal, int32_t group);
/* The settings that were kept, again. */
void os_terminal_restore(const struct os_terminal *terminal);
/* Leaves the alternate screen, shows the cursor, ends the reporting of the mouse, of focus and of
 * pastes. Writes nothing where TERM is not set or "dumb". Not on Windows. */
void os_terminal_reset_screen(const struct os_terminal *terminal);
/* Stops us, or all our process group, by this signal of job control, or by SIGTSTP for any other.
 * Returns when we are continued; false if there is nobody who would, so that nothing was stopped.
 */
bool os_stop_self(int signal, bool group);
/* Ends us as Ctrl-C would. Returns where that cannot be: an init. */
void os_end_self_by_interrupt(void);

#endif
