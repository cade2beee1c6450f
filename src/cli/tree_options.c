#include "cli/usage.h"

static const struct tree_settings defaults = {0};

static const struct option options[] = {
    {"Output", "json", 0, OPTION_FLAG, offsetof(struct tree_settings, json), NULL, "print as JSON",
     0, NULL, NULL},
};

const struct usage usage_tree = {
    .name = "tree",
    .operand = "PID",
    .summary = "Draw the tree of a process, and say why each member belongs to it.",
    .notes = "Status: 0; 125 treefall failed, was misused, or cannot find PID.\n",
    .options = options,
    .option_count = USAGE_COUNT(options),
    .operand_kind = OPERAND_PID,
    .operand_offset = offsetof(struct tree_settings, pid),
    .defaults = &defaults,
    .settings_bytes = sizeof defaults,
};
