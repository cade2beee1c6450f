/* --help, generated from the parser's tables. */
#ifndef TREEFALL_CLI_HELP_H
#define TREEFALL_CLI_HELP_H

#include "cli/output.h"
#include "cli/usage.h"

/* For one subcommand. */
void help_print(const struct usage *usage, struct output *output);
/* For the program: its subcommands. */
void help_print_all(const struct usage *const *usages, size_t count, struct output *output);

#endif
