/* The command: there is one. */
#ifndef TREEFALL_OS_WINDOWS_CHILD_H
#define TREEFALL_OS_WINDOWS_CHILD_H

#include "os/windows/win.h"

/* Takes its handles over. From now on its end is told like a signal. */
void child_take(const PROCESS_INFORMATION *made);
/* Lets it run. False, with GetLastError(): it stays held. */
bool child_resume(void);

#endif
