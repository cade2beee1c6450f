/* Time, and random numbers. */
#ifndef TREEFALL_OS_CLOCK_H
#define TREEFALL_OS_CLOCK_H

#include "base/clock.h"

#include <stddef.h>
#include <stdint.h>

#define OS_FOREVER INT64_MAX

/* All clocks, read at one point. */
void os_clock(struct clock_reading *out);
/* The monotonic clock, coarse (a few milliseconds) and cheap. Safe in a signal handler. */
int64_t os_clock_coarse(void);
void os_random(void *bytes, size_t count);

#endif
