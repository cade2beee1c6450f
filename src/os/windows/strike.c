/* The only place from which a process is terminated. */
#include "base/status.h"
#include "os/windows/ask.h"
#include "os/windows/object.h"
#include "os/windows/signals.h"
#include "os/windows/table.h"

typedef BOOL(WINAPI *is_process_critical)(HANDLE process, BOOL *critical);

/* If the process exits, so does the machine. */
static bool is_critical(HANDLE process)
{
    BOOL critical = FALSE;
    is_process_critical ask =
        (is_process_critical)win_function(L"kernel32.dll", "IsProcessCritical");
    return ask && ask(process, &critical) && critical;
}

static bool has_ended(HANDLE process)
{
    return WaitForSingleObject(process, 0) == WAIT_OBJECT_0;
}

/* A process that is exiting refuses termination (access denied), and exists until its memory is
 * freed. */
static bool is_ending(HANDLE process)
{
    DWORD status = STILL_ACTIVE;
    return GetExitCodeProcess(process, &status) && status != STILL_ACTIVE;
}

static enum os_strike test(DWORD pid)
{
    HANDLE process = OpenProcess(PROCESS_TERMINATE, FALSE, pid);
    if (!process)
        return STRIKE_DENIED;
    CloseHandle(process);
    return STRIKE_SENT;
}

static enum os_strike strike(HANDLE process, int signal)
{
    if (has_ended(process))
        return STRIKE_GONE;
    if (GetProcessId(process) == GetCurrentProcessId() || is_critical(process))
        return STRIKE_REFUSED;
    /* The open handle keeps the number from being reused. */
    DWORD pid = GetProcessId(process);
    if (signal == SIGNAL_TEST)
        return test(pid);
    if (signal != SIGNAL_KILL)
        return ask_to_end(pid, signal == SIGNAL_BREAK ? CTRL_BREAK_EVENT : CTRL_C_EVENT)
                   ? STRIKE_SENT
                   : STRIKE_DEAF;
    if (TerminateProcess(process, STATUS_KILLED))
        return STRIKE_SENT;
    if (has_ended(process))
        return STRIKE_GONE;
    return is_ending(process) ? STRIKE_SENT : STRIKE_DENIED;
}

enum os_strike os_strike(const struct os_proof *proof, int signal)
{
    struct os_process process;
    if (proof->id.start == 0)
        return STRIKE_UNPROVEN;
    struct error error = os_process_open(proof->id, &process);
    if (error.code)
        return error.code == ERROR_GONE ? STRIKE_GONE : STRIKE_DENIED;
    enum os_strike result = os_strike_handle(&process, signal);
    os_process_close(&process);
    return result;
}

enum os_strike os_strike_handle(const struct os_process *process, int signal)
{
    HANDLE handle = object_handle(process->handle, OBJECT_PROCESS);
    return handle ? strike(handle, signal) : STRIKE_UNPROVEN;
}

/* A number alone proves nothing here: our children are held by handles. */
enum os_strike os_strike_child(int32_t pid, int signal)
{
    (void)pid;
    (void)signal;
    return STRIKE_UNPROVEN;
}

enum os_strike os_strike_group(const struct os_process *leader, int signal)
{
    return os_strike_handle(leader, signal);
}
