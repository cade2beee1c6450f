/* Asking a program to exit, by the means that Windows has. */
#ifndef TREEFALL_OS_WINDOWS_ASK_H
#define TREEFALL_OS_WINDOWS_ASK_H

#include "os/windows/win.h"

/* Only members of this job may be reached by a console key. NULL = none: no key is sent. */
void ask_within(HANDLE job);
/* Asks its windows to close. Sends its console Ctrl+C (`key` CTRL_C_EVENT) or Ctrl+Break, if no
 * other process would receive the key. False if it has neither. */
bool ask_to_end(DWORD pid, DWORD key);

#endif
