#ifndef TREEFALL_OS_WINDOWS_THREAD_H
#define TREEFALL_OS_WINDOWS_THREAD_H

#include "os/windows/win.h"

/* Call before a thread starts: the thread may still run when the host unloads the library. */
void thread_stay_loaded(void);

#endif
