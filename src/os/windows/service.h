#ifndef TREEFALL_OS_WINDOWS_SERVICE_H
#define TREEFALL_OS_WINDOWS_SERVICE_H

#include "os/windows/start.h"

/* Another way to start a process, like those in start.h: by the management service
 * (Win32_Process.Create), as a child of the service. */
bool start_by_service(struct start *start);

#endif
