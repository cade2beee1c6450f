#include "cli/usage.h"
#include "os/pid_file.h"

#include <signal.h>

#define AT(field) offsetof(struct watch_settings, field)

static const struct watch_settings defaults = {
    .plan =
        {
            .grace_ms = SETTINGS_WATCH_GRACE_MS,
            .exit_grace_ms = SETTINGS_EXIT_GRACE_MS,
            .kill_delay_ms = SETTINGS_KILL_DELAY_MS,
            .startup_grace_ms = SETTINGS_WATCH_STARTUP_GRACE_MS,
            .hold_when_stopped = true,
            .signal = SIGTERM,
            .fall_on_exit = true,
            .asks_for = PLAN_ASKS(STALE) | PLAN_ASKS(ASKED),
        },

};

static const struct option options[] = {
    {"What to watch", "pid", 'p', OPTION_PID, AT(pid), "N", "the process; required", 0, NULL, NULL},
    {NULL, "pid-file", 0, OPTION_TEXT, AT(pid_file), "FILE",
     "when the process exits, watch the member of its tree that FILE names", 0, NULL,
     os_has_pid_files},
    {NULL, "no-fall-on-exit", 0, OPTION_NO_FLAG, AT(plan.fall_on_exit), NULL,
     "do not kill the tree when the process exits; the guard ends with the last process of the "
     "tree",
     0, NULL, os_has_pid_files},
    {NULL, "heartbeat", 0, OPTION_TEXT, AT(heartbeat), "FILE",
     "kill the tree when FILE is no longer touched, or is removed", 0, NULL, NULL},
    {NULL, "kill-delay", 0, OPTION_DURATION, AT(plan.kill_delay_ms), "DUR",
     "kill the tree this long after the last beat", 0, NULL, NULL},
    {NULL, "startup-grace", 0, OPTION_DURATION, AT(plan.startup_grace_ms), "DUR",
     "time allowed until the first beat", 0, NULL, NULL},
    {NULL, "hold-when-stopped", 0, OPTION_YES_NO, AT(plan.hold_when_stopped), "yes|no",
     "permit silence while the process is stopped or traced by a debugger", 0, NULL, NULL},

    {"How to kill it", "grace", 'k', OPTION_BUDGET, AT(plan.grace_ms), "DUR",
     "time between the stop signal and the forced kill for a process that hangs; 0 kills it at "
     "once",
     0, NULL, NULL},
    {NULL, "exit-grace", 0, OPTION_BUDGET, AT(plan.exit_grace_ms), "DUR",
     "time for the processes that it leaves behind when it exits or is killed; 0 kills them at "
     "once",
     0, NULL, NULL},
    {NULL, "signal", 's', OPTION_SIGNAL, AT(plan.signal), "SIG", "the stop signal", 0, NULL, NULL},
    {NULL, "keep", 0, OPTION_TEXTS, AT(keep), "PATTERN",
     "leave processes with that name or command line (* ? [a-z]) alive, and what they started",
     SETTINGS_KEEP, NULL, NULL},
    {NULL, "without", 0, OPTION_ROUTES, AT(plan.without), "ROUTE,...",
     "do not use these routes; `treefall doctor` lists them", 0, NULL, NULL},

    {"Output", "detach", 'd', OPTION_FLAG, AT(detach), NULL,
     "return as soon as the sentinel has reported that it is armed", 0, NULL, NULL},
    {NULL, "report", 0, OPTION_TEXTS, AT(reports), "FILE",
     "write what was killed and why to FILE: " SETTINGS_REPORT_ENDINGS "; repeatable",
     SETTINGS_REPORTS, NULL, NULL},
    {NULL, "json", 0, OPTION_FLAG, AT(json), NULL, "print as JSON", 0, NULL, NULL},
    {NULL, "verbose", 'v', OPTION_FLAG, AT(verbose), NULL, "print what treefall does on stderr", 0,
     NULL, NULL},
};

static const char *check(const union settings *settings)
{
    return settings->watch.pid == 0 ? "no --pid N was given; it names the process to watch" : NULL;
}

const struct usage usage_watch = {
    .name = "watch",
    .summary = "Guard a running process: if it hangs or dies, kill its tree.",
    .notes = "Status: 0 the tree was killed, or is guarded (--detach); 125 treefall failed,\n"
             "was misused, or a process survived.\n",
    .options = options,
    .option_count = USAGE_COUNT(options),
    .operand_kind = OPERAND_NONE,
    .defaults = &defaults,
    .settings_bytes = sizeof defaults,
    .check = check,
};
