/* The subcommands, as the parser and --help see them. What they do is in command.h. */
#ifndef TREEFALL_CLI_USAGE_H
#define TREEFALL_CLI_USAGE_H

#include "cli/option.h"

#define USAGE_COUNT(options) (sizeof(options) / sizeof *(options))

extern const struct usage usage_run;    /* run_options.c */
extern const struct usage usage_watch;  /* watch_options.c */
extern const struct usage usage_kill;   /* kill_options.c */
extern const struct usage usage_tree;   /* tree_options.c */
extern const struct usage usage_doctor; /* doctor_options.c */

#endif
