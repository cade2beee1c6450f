#include "os/guard.h"
#include "os/linux/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static struct error fork_with(uint64_t flags, const char *name, int (*body)(void *context),
                              void *context, struct os_process *out)
{
    int pidfd = -1;
    /* Without an exit signal it is invisible to a plain wait for any child. */
    struct sys_clone_args args = {.flags = CLONE_PIDFD | flags, .exit_signal = 0};
    args.pidfd = (uint64_t)(uintptr_t)&pidfd;
    pid_t pid = sys_clone(&args);
    if (pid == 0) {
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

void os_close_standard(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd < 3; fd++)
        if (null >= 0 && null != fd)
            dup2(null, fd);
    if (null > 2)
        close(null);
}

void os_guard_reap(struct os_process *guard)
{
    if (guard->handle == OS_NO_HANDLE)
        return;
    while (waitpid(guard->id.pid, NULL, __WALL) < 0 && errno == EINTR)
        ;
    os_process_close(guard);
}
