#include "cli/usage.h"
#include "os/input.h"
#include "os/isolation.h"
#include "os/notify.h"
#include "os/terminal.h"

#include <signal.h>

#define AT(field) offsetof(struct run_settings, field)

static const char *const sentinel_losses[] = {"fall", "replace", NULL};

static const struct run_settings defaults = {
    .plan =
        {
            .grace_ms = SETTINGS_GRACE_MS,
            .exit_grace_ms = SETTINGS_EXIT_GRACE_MS,
            .kill_delay_ms = SETTINGS_KILL_DELAY_MS,
            .startup_grace_ms = SETTINGS_RUN_STARTUP_GRACE_MS,
            .hold_when_stopped = true,
            .fall_on_exit = true,
            .signal = SIGTERM,
            .asks_for = PLAN_ASKS(TIMEOUT) | PLAN_ASKS(CALLER_DEAD),
        },
    .sentinel_loss = SENTINEL_LOSS_FALL,
};

static const struct option options[] = {
    {"When to kill the tree", "timeout", 't', OPTION_DURATION, AT(timeout_ms), "DUR",
     "stop the command after this long; status 124", 0, NULL, NULL},
    {NULL, "no-fall-on-exit", 0, OPTION_NO_FLAG, AT(plan.fall_on_exit), NULL,
     "do not kill the tree when the command exits: wait until its descendants have exited as well",
     0, NULL, NULL},
    {NULL, "stop-on-stdin-close", 0, OPTION_FLAG, AT(stop_on_input_end), NULL,
     "stop the command when the other end of standard input is closed", 0, NULL, os_has_input_end},
    {NULL, "caller", 0, OPTION_CALLER, AT(caller), "PID|session|none",
     "end the tree when this process exits, not when the one that started treefall does", 0, NULL,
     NULL},
    {NULL, "on-sentinel-loss", 0, OPTION_WORD, AT(sentinel_loss), "fall|replace",
     "if the sentinel, treefall's second process, is killed: kill the tree, or start another "
     "sentinel",
     0, sentinel_losses, NULL},

    {"How to kill it", "grace", 'k', OPTION_BUDGET, AT(plan.grace_ms), "DUR",
     "time between the stop signal and the forced kill, for the command and what it leaves behind",
     0, NULL, NULL},
    {NULL, "kill-after", 0, OPTION_BUDGET, AT(plan.grace_ms), "DUR", "the same as --grace", 0, NULL,
     NULL},
    {NULL, "exit-grace", 0, OPTION_BUDGET, AT(plan.exit_grace_ms), "DUR",
     "time for the processes that a command leaves behind when it exits by itself; 0 kills them at "
     "once",
     0, NULL, NULL},
    {NULL, "signal", 's', OPTION_SIGNAL, AT(plan.signal), "SIG", "the stop signal", 0, NULL, NULL},
    {NULL, "keep", 0, OPTION_TEXTS, AT(keep), "PATTERN",
     "leave processes with that name or command line (* ? [a-z]) alive, and what they started",
     SETTINGS_KEEP, NULL, NULL},

    {"Heartbeat", "heartbeat", 0, OPTION_TEXT, AT(heartbeat), "FILE|auto",
     "kill the tree when FILE is no longer touched; auto creates a file; the command finds its "
     "path in TREEFALL_HEARTBEAT",
     0, NULL, NULL},
    {NULL, "notify", 0, OPTION_FLAG, AT(notify), NULL,
     "beats are WATCHDOG=1 messages of sd_notify(3)", 0, NULL, os_has_notify},
    {NULL, "kill-delay", 0, OPTION_DURATION, AT(plan.kill_delay_ms), "DUR",
     "kill the tree this long after the last beat; status 124", 0, NULL, NULL},
    {NULL, "startup-grace", 0, OPTION_DURATION, AT(plan.startup_grace_ms), "DUR",
     "time allowed until the first beat", 0, NULL, NULL},
    {NULL, "hold-when-stopped", 0, OPTION_YES_NO, AT(plan.hold_when_stopped), "yes|no",
     "permit silence while the command is stopped or traced by a debugger", 0, NULL, NULL},

    {"Signals and status", "group", 'g', OPTION_FLAG, AT(plan.group), NULL,
     "forward signals to the command's process group, not to the command alone", 0, NULL,
     os_has_job_control},
    {NULL, "map-signal", 0, OPTION_MAP_SIGNAL, AT(map_signal), "A=B",
     "forward signal A as B; A=0 drops it; repeatable", SETTINGS_MAP_SIGNALS, NULL, NULL},
    {NULL, "map-status", 0, OPTION_MAP_STATUS, AT(map_status), "A=B",
     "exit with status B instead of A; repeatable", SETTINGS_MAP_STATUS, NULL, NULL},
    {NULL, "preserve-status", 0, OPTION_FLAG, AT(preserve_status), NULL,
     "exit with the command's own status instead of 124", 0, NULL, NULL},
    {NULL, "foreground", 0, OPTION_FLAG, AT(foreground), NULL,
     "leave the command in treefall's own process group", 0, NULL, os_has_job_control},

    {"Containment", "isolate", 0, OPTION_FLAG, AT(isolate), NULL,
     "run the command in a pid namespace of its own", 0, NULL, os_has_isolation},
    {NULL, "max-procs", 0, OPTION_COUNT, AT(max_processes), "N",
     "limit the tree to N processes; further forks fail", 0, NULL, NULL},
    {NULL, "without", 0, OPTION_ROUTES, AT(plan.without), "ROUTE,...",
     "do not use these routes; `treefall doctor` lists them", 0, NULL, NULL},

    {"Output", "report", 0, OPTION_TEXTS, AT(reports), "FILE",
     "write what was killed and why to FILE: " SETTINGS_REPORT_ENDINGS "; repeatable",
     SETTINGS_REPORTS, NULL, NULL},
    {NULL, "verbose", 'v', OPTION_FLAG, AT(verbose), NULL, "print what treefall does on stderr", 0,
     NULL, NULL},
};

static const char *check(const union settings *settings)
{
    const struct run_settings *run = &settings->run;
    if (run->heartbeat && run->notify)
        return "--heartbeat and --notify are two sources of beats; choose one";
    if (run->foreground && run->plan.group)
        return "--group needs a process group for the command, and --foreground creates none; "
               "choose one";
    return NULL;
}

const struct usage usage_run = {
    .name = "run",
    .operand = "COMMAND [ARGUMENT...]",
    .summary = "Run a command so that nothing it starts outlives it.",
    .notes = "Status: the command's own; 128+n if signal n killed it; 124 timed out, or the\n"
             "heartbeat stopped; 125 treefall failed, was misused, or a process survived;\n"
             "126 the command cannot be executed; 127 it was not found.\n",
    .options = options,
    .option_count = USAGE_COUNT(options),
    .operand_kind = OPERAND_COMMAND,
    .operand_offset = AT(command),
    .defaults = &defaults,
    .settings_bytes = sizeof defaults,
    .check = check,
};
