/* The sentinel's start: out of every job that may take it down with its ward, proven from outside
 * before it runs. A rung may claim success and not escape. */
#include "os/windows/inheritance.h"
#include "os/windows/object.h"
#include "os/windows/pipe.h"
#include "os/windows/table.h"

#include <string.h>
#include <tlhelp32.h>
#include <wchar.h>

#define ATTEST_MS    10000
#define BLOCK_CHARS  4096
#define FLAGS        (DETACHED_PROCESS | CREATE_UNICODE_ENVIRONMENT)
#define PARENT_TAKES (PROCESS_CREATE_PROCESS | PROCESS_QUERY_LIMITED_INFORMATION)

static const char *const what = "start the sentinel";

struct start {
    wchar_t path[WIN_PATH_CHARS];
    wchar_t line[WIN_PATH_CHARS + 4];
    wchar_t block[BLOCK_CHARS]; /* its environment */
    DWORD flags;                /* further ones */
    PROCESS_INFORMATION made;
};

/* ---- the rungs ---- */

static bool start_as_child(struct start *start, DWORD flags)
{
    STARTUPINFOW setup = {.cb = sizeof setup};
    return CreateProcessW(start->path, start->line, NULL, NULL, FALSE, FLAGS | start->flags | flags,
                          start->block, NULL, &setup, &start->made);
}

static bool start_plainly(struct start *start)
{
    return start_as_child(start, 0);
}

static bool start_by_breakaway(struct start *start)
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

/* The desktop's process of our own session, in no job but the desktop's own. */
static HANDLE open_shell(void)
{
    struct shell shell = {0};
    if (!ProcessIdToSessionId(GetCurrentProcessId(), &shell.session) ||
        table_read(is_shell, &shell).code || shell.pid == 0)
        return NULL;
    return OpenProcess(PARENT_TAKES, FALSE, (DWORD)shell.pid);
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

static bool start_below_shell(struct start *start)
{
    HANDLE shell = open_shell();
    bool started = shell && start_below(start, shell);
    if (shell)
        CloseHandle(shell);
    return started;
}

/* ---- attested ----
 * It runs meanwhile, and waits for its handles: if we are killed now it ends, as nobody is there
 * who would give them. */

static bool is_in_a_job(HANDLE process)
{
    BOOL is_in = TRUE;
    return !IsProcessInJob(process, NULL, &is_in) || is_in;
}

static void forget(struct start *start)
{
    TerminateProcess(start->made.hProcess, 1);
    CloseHandle(start->made.hThread);
    CloseHandle(start->made.hProcess);
}

static const struct {
    enum escape escape;
    bool (*start)(struct start *start);
} rungs[] = {{ESCAPE_NO_JOB, start_plainly},
             {ESCAPE_BREAKAWAY, start_by_breakaway},
             {ESCAPE_DESKTOP, start_below_shell}};

/* Where none escapes, it starts all the same: it then outlives its ward, and not the job. */
static bool start_escaped(struct start *start, enum escape *escape)
{
    for (size_t i = 0; i < sizeof rungs / sizeof *rungs; i++) {
        if (!rungs[i].start(start))
            continue;
        *escape = rungs[i].escape;
        if (!is_in_a_job(start->made.hProcess))
            return true;
        forget(start);
    }
    *escape = ESCAPE_NONE;
    return start_plainly(start);
}

/* ---- the start ---- */

/* Windows does not run well without these; nothing else of the ward's goes to the sentinel. */
static bool fill_block(struct start *start, const struct pipe *pipe)
{
    static const wchar_t *const kept[] = {L"SystemRoot", L"SystemDrive", L"TEMP"};
    size_t used = 0;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        wchar_t value[MAX_PATH];
        DWORD length = GetEnvironmentVariableW(kept[i], value, MAX_PATH);
        if (length > 0 && length < MAX_PATH)
            used += 1 + (size_t)swprintf(start->block + used, BLOCK_CHARS - used, L"%ls=%ls",
                                         kept[i], value);
    }
    used += 1 + (size_t)swprintf(start->block + used, BLOCK_CHARS - used, L"%ls=%ls|%lu",
                                 INHERITANCE_VARIABLE, pipe_name(pipe), GetCurrentProcessId());
    start->block[used] = L'\0';
    return used < BLOCK_CHARS;
}

static struct error start_failed(void)
{
    DWORD code = GetLastError();
    switch (code) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
        return error_make(ERROR_NOT_FOUND, (int)code, what, NULL);
    case ERROR_BAD_EXE_FORMAT:
        return error_make(ERROR_DENIED, (int)code, what, NULL);
    default:
        return win_failed(what, NULL);
    }
}

static struct error hand_over(struct start *start, struct pipe *pipe, const os_handle *handles,
                              size_t count)
{
    struct error error = pipe_await(pipe, start->made.hProcess, start->made.dwProcessId, ATTEST_MS);
    if (!error.code)
        error = inheritance_give(pipe, start->made.hProcess, handles, count);
    if (error.code)
        TerminateProcess(start->made.hProcess, 1);
    CloseHandle(start->made.hThread);
    CloseHandle(start->made.hProcess);
    return error;
}

/* The first handle is the far end of a channel. */
struct error os_spawn_orphan(const char *path, const os_handle *handles, size_t count,
                             enum escape *escape)
{
    struct object end = object_get(handles[0]);
    struct start *start = os_pages(sizeof *start);
    struct error error = error_make(ERROR_SYSTEM, 0, what, NULL);
    if (!start)
        return win_failed(what, NULL);
    if (end.kind == OBJECT_PIPE_END && win_path(path, start->path) && fill_block(start, end.pipe)) {
        wcscpy(start->line, L"treefall-sentinel");
        error = start_escaped(start, escape) ? hand_over(start, end.pipe, handles, count)
                                             : start_failed();
    }
    os_pages_free(start, sizeof *start);
    return error;
}

enum escape os_escape_try(const char *path)
{
    enum escape escape = ESCAPE_NONE;
    struct start *start = os_pages(sizeof *start);
    if (start && win_path(path, start->path)) {
        wcscpy(start->line, L"treefall-sentinel");
        start->flags = CREATE_SUSPENDED; /* it is asked, and never runs */
        if (start_escaped(start, &escape))
            forget(start);
    }
    os_pages_free(start, sizeof *start);
    return escape;
}

bool os_is_confined(void)
{
    return is_in_a_job(GetCurrentProcess());
}

/* There is nothing to let go of: no handle was inherited, and it has no console. */
void os_detach(os_handle first_closed)
{
    wchar_t root[MAX_PATH];
    (void)first_closed;
    if (GetWindowsDirectoryW(root, MAX_PATH) > 3) {
        root[3] = L'\0';
        SetCurrentDirectoryW(root);
    }
}
