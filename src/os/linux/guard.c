#include "os/os.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

/* How long a dismissed guard has to exit. */
#define GUARD_END_MS 1000

static bool ends_in_time(const struct os_process *guard)
{
    struct clock_reading now;
    uint32_t ready = 0;
    os_clock(&now);
    return !os_wait(&guard->handle, 1, now.now_ms + GUARD_END_MS, &ready).code && ready != 0;
}

/* A guard that is stopped, frozen or traced does not notice its dismissal. SIGKILL kills it all the
 * same, except under the freezer of cgroup v1, and a traced guard stays a zombie of its debugger.
 * So no wait here is unlimited. */
void os_guard_reap(struct os_process *guard)
{
    if (guard->handle != OS_NO_HANDLE && !ends_in_time(guard)) {
        os_strike_handle(guard, SIGKILL);
        ends_in_time(guard);
    }
    while (guard->id.pid > 0 && waitpid(guard->id.pid, NULL, __WALL | WNOHANG) < 0 &&
           errno == EINTR)
        ;
    os_process_close(guard);
}
