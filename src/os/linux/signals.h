/* The inherited signal handling, which the command gets back. */
#ifndef TREEFALL_OS_LINUX_SIGNALS_H
#define TREEFALL_OS_LINUX_SIGNALS_H

#include <stdbool.h>

/* Call in the child, before exec: restores the mask and dispositions from before
 * os_signals_take. */
void signals_give_back(void);
/* Whether treefall was started with the signal ignored. */
bool signal_was_ignored(int number);

#endif
