#include "os/linux/proc.h"
#include "os/linux/sys.h"
#include "os/os.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* A guard that is dismissed has this long to end. */
#define GUARD_END_MS 1000

static struct error fork_with(uint64_t flags, const char *name, int (*body)(void *context),
                              void *context, struct os_process *out)
{
    int pidfd = -1;
    /* Without an exit signal it is invisible to a plain wait for any child. */
    struct sys_clone_args args = {.flags = CLONE_PIDFD | flags, .exit_signal = 0};
    args.pidfd = (uint64_t)(uintptr_t)&pidfd;
    bool is_ours = proc_is_ours();
    pid_t pid = sys_clone(&args);
    if (pid == 0) {
        proc_inherit(is_ours);
        prctl(PR_SET_NAME, name);
        _exit(body(context));
    }
    if (pid < 0)
        return error_make(ERROR_SYSTEM, errno, "start a guard", sys_advice(errno));
    *out = (struct os_process){{pid, 0}, pidfd};
    return ERROR_OK;
}

struct error os_fork_guard(const char *name, int (*body)(void *context), void *context,
                           struct os_process *out)
{
    return fork_with(CLONE_FILES, name, body, context, out);
}

struct error os_fork_detached(const char *name, int (*body)(void *context), void *context,
                              struct os_process *out)
{
    return fork_with(0, name, body, context, out);
}

void os_session_own(void)
{
    setsid();
}

static bool ends_in_time(const struct os_process *guard)
{
    struct clock_reading now;
    uint32_t ready = 0;
    os_clock(&now);
    return !os_wait(&guard->handle, 1, now.now_ms + GUARD_END_MS, &ready).code && ready != 0;
}

/* A guard that is stopped, frozen or traced does not hear that it is dismissed. SIGKILL ends it all
 * the same, but not under the freezer of cgroup v1, and what a debugger traces stays its zombie:
 * so no wait here is without a limit. */
void os_guard_reap(struct os_process *guard)
{
    if (guard->handle == OS_NO_HANDLE)
        return;
    if (!ends_in_time(guard)) {
        os_strike_handle(guard, SIGKILL);
        ends_in_time(guard);
    }
    while (waitpid(guard->id.pid, NULL, __WALL | WNOHANG) < 0 && errno == EINTR)
        ;
    os_process_close(guard);
}
