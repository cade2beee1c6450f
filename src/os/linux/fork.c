#include "os/fork.h"

#include "os/linux/proc.h"
#include "os/linux/sys.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>

static struct error fork_with(uint64_t flags, const char *name, int (*body)(void *context),
                              void *context, struct os_process *out)
{
    int pidfd = -1;
    /* Without an exit signal, a plain wait for any child does not see it. */
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
