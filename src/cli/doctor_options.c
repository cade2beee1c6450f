#include "cli/usage.h"

static const struct doctor_settings defaults = {0};

static const struct option options[] = {
    {"Output", "json", 0, OPTION_FLAG, offsetof(struct doctor_settings, json), NULL,
     "print as JSON", 0, NULL, NULL},
};

const struct usage usage_doctor = {
    .name = "doctor",
    .summary = "Say what can be guaranteed on this machine, and how to get more.",
    .notes = "Status: 0 a tree can be guarded here; 125 it cannot, or treefall was misused.\n",
    .options = options,
    .option_count = USAGE_COUNT(options),
    .operand_kind = OPERAND_NONE,
    .defaults = &defaults,
    .settings_bytes = sizeof defaults,
};
