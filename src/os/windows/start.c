#include "os/windows/start.h"

#include "os/windows/table.h"

#include <string.h>
#include <tlhelp32.h>

#define FLAGS        (DETACHED_PROCESS | CREATE_UNICODE_ENVIRONMENT)
#define PARENT_TAKES (PROCESS_CREATE_PROCESS | PROCESS_QUERY_INFORMATION)

static bool start_as_child(struct start *start, DWORD flags)
{
    STARTUPINFOW setup = {.cb = sizeof setup};
    return CreateProcessW(start->path, start->line, NULL, NULL, FALSE, FLAGS | start->flags | flags,
                          start->block, NULL, &setup, &start->made);
}

bool start_plainly(struct start *start)
{
    return start_as_child(start, 0);
}

bool start_by_breakaway(struct start *start)
{
    return start_as_child(start, CREATE_BREAKAWAY_FROM_JOB);
}

struct shell {
    DWORD session;
    int32_t pid;
};

static bool is_shell(void *context, const struct process_row *row)
{
    struct shell *shell = context;
    DWORD session = MAXDWORD;
    if (_stricmp(row->name, "explorer.exe") == 0 &&
        ProcessIdToSessionId((DWORD)row->id.pid, &session) && session == shell->session)
        shell->pid = row->id.pid;
    return shell->pid == 0;
}

/* The desktop's process of our own session, if it is in no job but the desktop's own. */
static HANDLE open_shell(void)
{
    struct shell shell = {0};
    if (!ProcessIdToSessionId(GetCurrentProcessId(), &shell.session) ||
        table_read(is_shell, &shell).code || shell.pid == 0)
        return NULL;
    return OpenProcess(PARENT_TAKES, FALSE, (DWORD)shell.pid);
}

/* The last number of its mandatory label, S-1-16-LEVEL; 0 = it cannot be read. */
static DWORD integrity_of(HANDLE process)
{
    union {
        TOKEN_MANDATORY_LABEL label;
        char bytes[128];
    } mandatory;
    HANDLE token;
    DWORD size;
    DWORD level = 0;
    if (!OpenProcessToken(process, TOKEN_QUERY, &token))
        return 0;
    if (GetTokenInformation(token, TokenIntegrityLevel, &mandatory, sizeof mandatory, &size)) {
        PSID sid = mandatory.label.Label.Sid;
        level = *GetSidSubAuthority(sid, (DWORD)*GetSidSubAuthorityCount(sid) - 1U);
    }
    CloseHandle(token);
    return level;
}

/* A child has the rights of its parent. Below the desktop, the sentinel of an elevated ward could
 * not terminate its tree. */
static bool is_as_trusted_as_we(HANDLE process)
{
    return integrity_of(process) >= integrity_of(GetCurrentProcess());
}

static bool start_below(struct start *start, HANDLE parent)
{
    char room[256];
    SIZE_T bytes = sizeof room;
    STARTUPINFOEXW setup = {.StartupInfo.cb = sizeof setup,
                            .lpAttributeList = (LPPROC_THREAD_ATTRIBUTE_LIST)room};
    if (!InitializeProcThreadAttributeList(setup.lpAttributeList, 1, 0, &bytes))
        return false;
    bool started =
        UpdateProcThreadAttribute(setup.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_PARENT_PROCESS,
                                  &parent, sizeof parent, NULL, NULL) &&
        CreateProcessW(start->path, start->line, NULL, NULL, FALSE,
                       FLAGS | start->flags | EXTENDED_STARTUPINFO_PRESENT, start->block, NULL,
                       &setup.StartupInfo, &start->made);
    DeleteProcThreadAttributeList(setup.lpAttributeList);
    return started;
}

bool start_below_desktop(struct start *start)
{
    HANDLE shell = open_shell();
    bool started = shell && is_as_trusted_as_we(shell) && start_below(start, shell);
    if (shell)
        CloseHandle(shell);
    return started;
}

void start_close(struct start *start)
{
    if (start->made.hThread)
        CloseHandle(start->made.hThread);
    CloseHandle(start->made.hProcess);
    start->made = (PROCESS_INFORMATION){0};
}

void start_end(struct start *start)
{
    TerminateProcess(start->made.hProcess, 1);
    start_close(start);
}
