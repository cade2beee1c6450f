/* Asking a program to end: what Windows has of that. */
#ifndef TREEFALL_OS_WINDOWS_ASK_H
#define TREEFALL_OS_WINDOWS_ASK_H

#include "os/windows/win.h"

/* The job whose members alone a key of the console may reach; NULL = none: no key is sent. */
void ask_within(HANDLE job);
/* Its windows are asked to close, and its console gets Ctrl+C (`key` CTRL_C_EVENT) or Ctrl+Break,
 * where nobody else would hear it. False: it has neither. */
bool ask_to_end(DWORD pid, DWORD key);

#endif
