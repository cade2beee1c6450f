#include "os/windows/child.h"

#include "os/windows/signals.h"

static struct {
    HANDLE process;
    HANDLE thread; /* while the process is held */
    HANDLE wait;
    int32_t pid;
    bool reaped;
} child;

/* No signal reports the exit of the child, so a registered wait reports it. */
static void CALLBACK ended(void *unused, BOOLEAN timed_out)
{
    (void)unused;
    (void)timed_out;
    signals_tell_child();
}

void child_take(const PROCESS_INFORMATION *made)
{
    child.process = made->hProcess;
    child.thread = made->hThread;
    child.pid = (int32_t)made->dwProcessId;
    RegisterWaitForSingleObject(&child.wait, made->hProcess, ended, NULL, INFINITE,
                                WT_EXECUTEONLYONCE);
}

bool child_resume(void)
{
    if (ResumeThread(child.thread) == (DWORD)-1)
        return false;
    CloseHandle(child.thread);
    child.thread = NULL;
    return true;
}

/* Nothing reports which processes of the tree are left: that needs a scan. */
enum os_reaped os_child_reap(struct os_exit *out)
{
    DWORD status;
    if (!child.process)
        return REAPED_NO_CHILDREN;
    if (child.reaped || WaitForSingleObject(child.process, 0) != WAIT_OBJECT_0 ||
        !GetExitCodeProcess(child.process, &status))
        return REAPED_NONE_NOW;
    child.reaped = true;
    *out = (struct os_exit){child.pid, EXIT_CODE, status};
    return REAPED_ONE;
}

uint32_t os_status_most(void)
{
    return UINT32_MAX;
}
