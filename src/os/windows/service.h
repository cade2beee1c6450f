#ifndef TREEFALL_OS_WINDOWS_SERVICE_H
#define TREEFALL_OS_WINDOWS_SERVICE_H

#include "os/windows/start.h"

/* A way to start a process as those in start.h: by the management service (Win32_Process.Create),
 * whose child it is. */
bool start_by_service(struct start *start);

#endif
