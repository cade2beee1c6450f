#include "os/windows/win.h"

#define END_MS 10000

void os_guard_reap(struct os_process *guard)
{
    struct clock_reading now;
    uint32_t ready = 0;
    if (guard->handle == OS_NO_HANDLE)
        return;
    os_clock(&now);
    os_wait(&guard->handle, 1, now.now_ms + END_MS, &ready);
    if (ready == 0)
        os_strike_handle(guard, os_signal_kill()); /* a suspended guard never exits by itself */
    os_process_close(guard);
}
