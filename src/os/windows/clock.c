#include "base/status.h"
#include "os/windows/win.h"

#include <ntsecapi.h>

#define TICKS_PER_MS   10000
#define TICKS_PER_US   10
#define EPOCH_IN_TICKS 116444736000000000LL /* the year 1970 */

/* Does not count sleep. A read of shared memory, which is updated by the scheduler's tick. */
static int64_t unbiased_ticks(void)
{
    ULONGLONG ticks;
    QueryUnbiasedInterruptTime(&ticks);
    return (int64_t)ticks;
}

void os_clock(struct clock_reading *out)
{
    FILETIME wall;
    int64_t ticks = unbiased_ticks();
    GetSystemTimePreciseAsFileTime(&wall);
    out->now_ms = ticks / TICKS_PER_MS;
    out->now_us = ticks / TICKS_PER_US;
    out->boot_ms = (int64_t)GetTickCount64();
    out->wall_ms = ((int64_t)win_time(wall) - EPOCH_IN_TICKS) / TICKS_PER_MS;
}

int64_t os_clock_coarse(void)
{
    return unbiased_ticks() / TICKS_PER_MS;
}

void os_random(void *bytes, size_t count)
{
    if (!RtlGenRandom(bytes, (ULONG)count))
        /* Never continues with a name that can be guessed. */
        TerminateProcess(GetCurrentProcess(), STATUS_FAILURE);
}
