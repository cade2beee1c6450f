/* A deadline that the kernel keeps. A process that must act by a deadline moves the alarm on in
 * time. If it does not, the alarm wakes the processes that wait for it. */
#ifndef TREEFALL_OS_ALARM_H
#define TREEFALL_OS_ALARM_H

#include "base/error.h"
#include "os/handle.h"

#include <stdint.h>

/* Off at first. All processes that hold the handle share the alarm. */
struct error os_alarm_make(os_handle *out);
/* The alarm is readable from `at_ms` (monotonic) on, until it is set again. OS_FOREVER = off. For
 * OS_NO_HANDLE nothing happens. */
void os_alarm_set(os_handle alarm, int64_t at_ms);

#endif
