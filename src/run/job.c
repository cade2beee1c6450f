/* Job control as a shell user expects it. The ward has a process group of its own. If we are in the
 * foreground of a terminal, the ward gets the terminal: at once if the shell waits only for us,
 * otherwise when the ward asks for it (SIGTTIN, SIGTTOU). The latter is the case in a pipeline or a
 * script, which the keys that end and stop are meant for as well. When the ward stops, we take the
 * terminal back and stop too. */
#include "base/status.h"
#include "run/wrapper.h"

static bool ward_asks_for_terminal(const struct wrapper *wrapper, int signal)
{
    return os_signal_class(signal) == SIGNAL_TERMINAL && os_terminal_is_ours(&wrapper->terminal);
}

static void give_terminal(struct wrapper *wrapper)
{
    os_terminal_give(&wrapper->terminal, wrapper->scope.ward.id.pid);
    wrapper->gave_terminal = true;
}

void job_start(struct wrapper *wrapper)
{
    os_terminal_open(&wrapper->terminal);
    if (wrapper->foreground)
        os_terminal_close(&wrapper->terminal);
    if (wrapper->terminal.eager && os_terminal_is_ours(&wrapper->terminal))
        give_terminal(wrapper);
}

/* Once the ward is reaped, its number and its group's may be a stranger's. */
static void continue_ward(struct wrapper *wrapper)
{
    if (wrapper->reaper.ward_exited)
        return;
    if (wrapper->foreground)
        os_strike_handle(&wrapper->scope.ward, os_signal_continue());
    else
        os_strike_group(&wrapper->scope.ward, os_signal_continue());
}

/* A signal that stopped a ward with the terminal would have stopped the whole job, had the ward
 * stayed in it: the rest of a pipeline, or the script that started us. */
static bool concerns_job(int signal, bool had_terminal)
{
    return os_signal_class(signal) == SIGNAL_TERMINAL ||
           (os_signal_class(signal) == SIGNAL_SUSPEND && had_terminal);
}

void job_ward_stopped(struct wrapper *wrapper, int signal)
{
    if (ward_asks_for_terminal(wrapper, signal)) {
        give_terminal(wrapper);
        continue_ward(wrapper);
        return;
    }
    if (wrapper->terminal.handle == OS_NO_HANDLE && !wrapper->foreground)
        return;
    bool had_terminal = os_terminal_take(&wrapper->terminal, wrapper->scope.ward.id.pid);
    wrapper_promise_nothing(wrapper);
    bool was_stopped = os_stop_self(signal, concerns_job(signal, had_terminal));
    wrapper_promise(wrapper);
    if (was_stopped)
        return;
    /* No shell would continue us. As without treefall, the key then does nothing. */
    if (os_signal_class(signal) == SIGNAL_SUSPEND)
        job_continue(wrapper);
}

void job_continue(struct wrapper *wrapper)
{
    bool wants_terminal = wrapper->gave_terminal || wrapper->terminal.eager;
    if (wants_terminal && !wrapper->reaper.ward_exited && os_terminal_is_ours(&wrapper->terminal))
        give_terminal(wrapper);
    continue_ward(wrapper);
}

/* The signal that killed the ward; 0 if it exited by itself, or not at all. The init of a pid
 * namespace can report the signal only as a status. */
static uint32_t ended_by(const struct wrapper *wrapper)
{
    const struct os_exit *exit = &wrapper->reaper.ward_exit;
    if (!wrapper->reaper.ward_exited)
        return 0;
    if (exit->kind == EXIT_SIGNAL)
        return exit->status;
    return wrapper->settings->isolate && exit->status > STATUS_SIGNALLED
               ? exit->status - STATUS_SIGNALLED
               : 0;
}

/* If the tree was forced, no process of it could restore the terminal before it died. */
static bool was_forced(const struct wrapper *wrapper)
{
    const struct ending *ending = &wrapper->ending;
    return (ending->phase == ENDING_FORCED && ending->trigger != TRIGGER_WARD_DEAD) ||
           !wrapper->reaper.ward_exited || ended_by(wrapper) == (uint32_t)os_signal_kill();
}

/* A killed ward may leave the terminal in a changed state. A shell restores its settings after a
 * command that a signal killed, but treefall only exits with a status. No shell restores what the
 * screen shows, and what the terminal reports. */
void job_end(struct wrapper *wrapper)
{
    bool by_itself = wrapper->reaper.ward_exited && ended_by(wrapper) == 0;
    os_terminal_take(&wrapper->terminal, wrapper->scope.ward.id.pid);
    if (wrapper->gave_terminal && !by_itself && os_terminal_is_ours(&wrapper->terminal)) {
        os_terminal_restore(&wrapper->terminal);
        if (was_forced(wrapper))
            os_terminal_reset_screen(&wrapper->terminal);
    }
    os_terminal_close(&wrapper->terminal);
}

/* A shell leaves its loop, and a script exits, when Ctrl-C killed a command. A command that only
 * exits with that status counts as having handled the key. */
uint32_t job_status(const struct wrapper *wrapper, uint32_t status)
{
    uint32_t interrupt = (uint32_t)os_signal_interrupt();
    bool by_key = wrapper->interrupted ||
                  (wrapper->gave_terminal && wrapper->ending.trigger == TRIGGER_WARD_DEAD);
    if (by_key && ended_by(wrapper) == interrupt && status == STATUS_SIGNALLED + interrupt)
        os_end_self_by_interrupt();
    return status;
}
