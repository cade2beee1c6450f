/* A deadline that the kernel keeps. Whoever has to do something by then moves it on in time; it
 * wakes those that wait for it only when that does not happen. */
#ifndef TREEFALL_OS_ALARM_H
#define TREEFALL_OS_ALARM_H

#include "base/error.h"
#include "os/handle.h"

#include <stdint.h>

/* Off at first. All that hold the handle share the alarm. */
struct error os_alarm_make(os_handle *out);
/* Readable from `at_ms` (monotonic) on, until it is set again; OS_FOREVER = off. No handle is free.
 */
void os_alarm_set(os_handle alarm, int64_t at_ms);

#endif
