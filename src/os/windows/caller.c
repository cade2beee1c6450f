#include "os/windows/win.h"

struct error os_caller_watch_process(int32_t pid, os_handle *out)
{
    struct os_process process;
    struct error error = os_process_watch(pid, &process);
    *out = error.code ? OS_NO_HANDLE : process.handle;
    return error;
}

/* An orphan keeps its parent's number, which may by now belong to a younger process. */
void os_caller_watch_parent(os_handle *out)
{
    struct process_row self = {0};
    struct os_process parent;
    *out = OS_NO_HANDLE;
    if (os_process_row(os_process_self(), &self).code || self.ppid <= 0 ||
        os_process_watch(self.ppid, &parent).code)
        return;
    if (parent.id.start > self.id.start)
        os_process_close(&parent);
    *out = parent.handle;
}

struct error os_caller_watch_session(os_handle *out)
{
    *out = OS_NO_HANDLE;
    return error_make(ERROR_UNSUPPORTED, 0, "watch the leader of the session",
                      "Windows has no such leader: give --caller a pid");
}

void os_caller_begin(os_handle caller)
{
    (void)caller;
}

bool os_caller_is_lost(os_handle caller)
{
    uint32_t ready = 0;
    return caller != OS_NO_HANDLE && !os_wait(&caller, 1, 0, &ready).code && ready != 0;
}
