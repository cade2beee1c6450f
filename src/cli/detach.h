/* `treefall watch`: what its forms have in common, and the form that returns. */
#ifndef TREEFALL_CLI_DETACH_H
#define TREEFALL_CLI_DETACH_H

#include "watch/watch.h"

int watch_report_error(struct error error, const struct watch_settings *settings);
/* Prints the routes of the scope's guarantee. */
void watch_print_armed(const struct watch *watch, int32_t sentinel);
/* Returns treefall's exit status, once a sentinel in the background has attested that it is
 * armed. */
int watch_detach(struct watch *watch);

#endif
