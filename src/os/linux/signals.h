/* What we inherited of signal handling, to be given back to the command. */
#ifndef TREEFALL_OS_LINUX_SIGNALS_H
#define TREEFALL_OS_LINUX_SIGNALS_H

#include <stdbool.h>

/* In the child, before exec: the mask and dispositions as they were before os_signals_take. */
void signals_give_back(void);
/* Whether we were started with the signal ignored. */
bool signal_was_ignored(int number);

#endif
