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
    {"What is watched", "pid", 'p', OPTION_PID, AT(pid), "N", "the process; required", 0, NULL,
     NULL},
    {NULL, "pid-file", 0, OPTION_TEXT, AT(pid_file), "FILE",
     "when the process ends, watch the member of its tree that FILE names", 0, NULL,
     os_has_pid_files},
    {NULL, "no-fall-on-exit", 0, OPTION_NO_FLAG, AT(plan.fall_on_exit), NULL,
     "the tree goes on when the process ends, until nothing of it is left", 0, NULL,
     os_has_pid_files},
    {NULL, "heartbeat", 0, OPTION_TEXT, AT(heartbeat), "FILE",
     "fall when FILE is no longer touched, or goes away", 0, NULL, NULL},
    {NULL, "kill-delay", 0, OPTION_DURATION, AT(plan.kill_delay_ms), "DUR",
     "the silence after which the tree falls", 0, NULL, NULL},
    {NULL, "startup-grace", 0, OPTION_DURATION, AT(plan.startup_grace_ms), "DUR",
     "how long the first beat may take", 0, NULL, NULL},
    {NULL, "hold-when-stopped", 0, OPTION_YES_NO, AT(plan.hold_when_stopped), "yes|no",
     "forgive silence while the process is stopped or traced by a debugger", 0, NULL, NULL},

    {"How it falls", "grace", 'k', OPTION_BUDGET, AT(plan.grace_ms), "DUR",
     "ask a process that hangs by --signal, and kill it only so much later; 0 kills at once", 0,
     NULL, NULL},
    {NULL, "exit-grace", 0, OPTION_BUDGET, AT(plan.exit_grace_ms), "DUR",
     "for what a process that ended, or was killed, left behind; 0 forces at once", 0, NULL, NULL},
    {NULL, "signal", 's', OPTION_SIGNAL, AT(plan.signal), "SIG", "the signal that asks", 0, NULL,
     NULL},
    {NULL, "keep", 0, OPTION_TEXTS, AT(keep), "PATTERN",
     "spare that name (* ? [a-z]), and what it started", SETTINGS_KEEP, NULL, NULL},
    {NULL, "without", 0, OPTION_ROUTES, AT(plan.without), "ROUTE,...",
     "do not use these routes; `treefall doctor` names them", 0, NULL, NULL},

    {"Output", "detach", 'd', OPTION_FLAG, AT(detach), NULL,
     "return as soon as the guard has attested that it is armed", 0, NULL, NULL},
    {NULL, "report", 0, OPTION_TEXTS, AT(reports), "FILE",
     "write what fell and why: .json, .txt or .html; repeatable", SETTINGS_REPORTS, NULL, NULL},
    {NULL, "json", 0, OPTION_FLAG, AT(json), NULL, "print as JSON", 0, NULL, NULL},
    {NULL, "verbose", 'v', OPTION_FLAG, AT(verbose), NULL, "say what is done, on stderr", 0, NULL,
     NULL},
};

static const char *check(const union settings *settings)
{
    return settings->watch.pid == 0 ? "--pid N says which process to watch, and is missing" : NULL;
}

const struct usage usage_watch = {
    .name = "watch",
    .summary = "Guard a running process: when it hangs or dies, its tree falls.",
    .notes = "Status: 0 the tree fell or is guarded (--detach); 125 treefall failed, was\n"
             "misused, or something survived.\n",
    .options = options,
    .option_count = USAGE_COUNT(options),
    .operand_kind = OPERAND_NONE,
    .defaults = &defaults,
    .settings_bytes = sizeof defaults,
    .check = check,
};
