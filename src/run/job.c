/* Job control as a shell user expects it. The ward has a process group of its own; when we are in
 * the foreground of a terminal it gets the terminal: at once when input and output are the terminal,
 * and when it asks for it (SIGTTIN, SIGTTOU) when we are part of a pipeline, whose other members
 * need it meanwhile. When it stops, we take the terminal back and stop as well. */
#include "run/wrapper.h"

static bool ward_asks_for_terminal(const struct wrapper *wrapper, int signal)
{
    return os_signal_class(signal) == SIGNAL_SUSPEND && os_terminal_is_ours(&wrapper->terminal);
}

static void give_terminal(struct wrapper *wrapper)
{
    os_terminal_give(&wrapper->terminal, wrapper->scope.ward.id.pid);
    wrapper->gave_terminal = true;
}

void job_start(struct wrapper *wrapper)
{
    os_terminal_open(&wrapper->terminal);
    if (wrapper->settings->foreground)
        os_terminal_close(&wrapper->terminal);
    if (wrapper->terminal.eager && os_terminal_is_ours(&wrapper->terminal))
        give_terminal(wrapper);
}

void job_ward_stopped(struct wrapper *wrapper, int signal)
{
    if (ward_asks_for_terminal(wrapper, signal)) {
        give_terminal(wrapper);
        os_strike_group(&wrapper->scope.ward, os_signal_continue());
        return;
    }
    if (wrapper->terminal.handle == OS_NO_HANDLE && !wrapper->settings->foreground)
        return;
    os_terminal_take(&wrapper->terminal, wrapper->scope.ward.id.pid);
    os_stop_self();
}

void job_continue(struct wrapper *wrapper)
{
    if (wrapper->gave_terminal && os_terminal_is_ours(&wrapper->terminal))
        give_terminal(wrapper);
    if (wrapper->settings->foreground)
        os_strike_handle(&wrapper->scope.ward, os_signal_continue());
    else
        os_strike_group(&wrapper->scope.ward, os_signal_continue());
}

void job_end(struct wrapper *wrapper)
{
    os_terminal_take(&wrapper->terminal, wrapper->scope.ward.id.pid);
    os_terminal_close(&wrapper->terminal);
}
