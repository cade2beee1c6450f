#include "cli/usage.h"

#include <signal.h>

#define AT(field) offsetof(struct kill_settings, field)

static const char *const asked[] = {"leader", "group", "all", NULL};

static const struct kill_settings defaults = {
    .grace_ms = SETTINGS_GRACE_MS,
    .signal = SIGTERM,
};

static const struct option options[] = {
    {"How it falls", "grace", 'k', OPTION_BUDGET, AT(grace_ms), "DUR",
     "between asking and forcing; 0 forces at once", 0, NULL, NULL},
    {NULL, "signal", 's', OPTION_SIGNAL, AT(signal), "SIG", "the signal that asks", 0, NULL, NULL},
    {NULL, "ask", 0, OPTION_WORD, AT(ask), "leader|group|all",
     "whom it asks first; the rest is asked when the process is gone", 0, asked, NULL},
    {NULL, "keep", 0, OPTION_TEXTS, AT(keep), "PATTERN",
     "spare that name (* ? [a-z]), and what it started", SETTINGS_KEEP, NULL, NULL},
    {NULL, "dry-run", 'n', OPTION_FLAG, AT(dry_run), NULL,
     "show what would fall and by which route; touch nothing", 0, NULL, NULL},

    {"Output", "report", 0, OPTION_TEXTS, AT(reports), "FILE",
     "write what fell and why: .json, .txt or .html; repeatable", SETTINGS_REPORTS, NULL, NULL},
    {NULL, "json", 0, OPTION_FLAG, AT(json), NULL, "print as JSON", 0, NULL, NULL},
};

const struct usage usage_kill = {
    .name = "kill",
    .operand = "PID",
    .summary = "Fell the tree of a process now, orphans included.",
    .notes = "Status: 0 nothing of the tree is left; 125 treefall failed, was misused, knows\n"
             "nothing of PID, or something survived.\n",
    .options = options,
    .option_count = USAGE_COUNT(options),
    .operand_kind = OPERAND_PID,
    .operand_offset = AT(pid),
    .defaults = &defaults,
    .settings_bytes = sizeof defaults,
};
