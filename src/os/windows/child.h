/* The command, our only child. */
#ifndef TREEFALL_OS_WINDOWS_CHILD_H
#define TREEFALL_OS_WINDOWS_CHILD_H

#include "os/windows/win.h"

/* Takes ownership of the handles. From now on its exit is reported like a signal. */
void child_take(const PROCESS_INFORMATION *made);
/* Lets the command run. On failure returns false, with GetLastError(), and the command stays
 * held. */
bool child_resume(void);

#endif
