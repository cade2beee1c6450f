#ifndef TREEFALL_OS_WINDOWS_THREAD_H
#define TREEFALL_OS_WINDOWS_THREAD_H

#include "os/windows/win.h"

/* Call before a thread starts: it may run when a program unloads what it loaded. */
void thread_stay_loaded(void);

#endif
