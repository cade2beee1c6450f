/* Waiting. */
#ifndef TREEFALL_OS_WAIT_H
#define TREEFALL_OS_WAIT_H

#include "base/error.h"
#include "os/clock.h"
#include "os/handle.h"

#include <stddef.h>
#include <stdint.h>

#define OS_WAIT_MAX 16
/* Waits until one of `handles` is ready (OS_NO_HANDLE entries are skipped) or until `until_ms`
 * (monotonic; OS_FOREVER). `ready` gets a bit per handle; 0 = the time is up. */
struct error os_wait(const os_handle *handles, size_t count, int64_t until_ms, uint32_t *ready);

#endif
