#include "cli/usage.h"

#include <signal.h>

#define AT(field) offsetof(struct kill_settings, field)

static const char *const asked[] = {"leader", "group", "all", NULL};

static const struct kill_settings defaults = {
    .grace_ms = SETTINGS_GRACE_MS,
    .signal = SIGTERM,
};

static const struct option options[] = {
    {"How to kill it", "grace", 'k', OPTION_BUDGET, AT(grace_ms), "DUR",
     "time between the stop signal and the forced kill; 0 kills at once", 0, NULL, NULL},
    {NULL, "signal", 's', OPTION_SIGNAL, AT(signal), "SIG", "the stop signal", 0, NULL, NULL},
    {NULL, "ask", 0, OPTION_WORD, AT(ask), "leader|group|all",
     "which processes get the stop signal first; the others get it when PID has exited", 0, asked,
     NULL},
    {NULL, "keep", 0, OPTION_TEXTS, AT(keep), "PATTERN",
     "leave processes with that name or command line (* ? [a-z]) alive, and what they started",
     SETTINGS_KEEP, NULL, NULL},
    {NULL, "dry-run", 'n', OPTION_FLAG, AT(dry_run), NULL,
     "show what would be killed, and by which route; signal no process", 0, NULL, NULL},

    {"Output", "report", 0, OPTION_TEXTS, AT(reports), "FILE",
     "write what was killed and why to FILE: " SETTINGS_REPORT_ENDINGS "; repeatable",
     SETTINGS_REPORTS, NULL, NULL},
    {NULL, "json", 0, OPTION_FLAG, AT(json), NULL, "print as JSON", 0, NULL, NULL},
};

const struct usage usage_kill = {
    .name = "kill",
    .operand = "PID",
    .summary = "Kill the tree of a process now, including its orphans.",
    .notes = "Status: 0 no process of the tree is left; 125 treefall failed, was misused,\n"
             "cannot find PID, or a process survived.\n",
    .options = options,
    .option_count = USAGE_COUNT(options),
    .operand_kind = OPERAND_PID,
    .operand_offset = AT(pid),
    .defaults = &defaults,
    .settings_bytes = sizeof defaults,
};
