/* The subcommands, one file each. Each returns treefall's exit status. */
#ifndef TREEFALL_CLI_COMMAND_H
#define TREEFALL_CLI_COMMAND_H

#include "plan/settings.h"

int run_command(const struct run_settings *settings);
int watch_command(const struct watch_settings *settings);
int kill_command(const struct kill_settings *settings);
int tree_command(const struct tree_settings *settings);
int doctor_command(const struct doctor_settings *settings);

#endif
