/* The command: created suspended, put into its job, and released when it is guarded. */
#include "os/windows/child.h"
#include "os/windows/container.h"
#include "os/windows/object.h"
#include "os/windows/program.h"
#include "os/windows/table.h"

#include <string.h>
#include <wchar.h>

#define BLOCK_CHARS 65536
#define FLAGS       (CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT)

#ifndef ERROR_ELEVATION_REQUIRED
#define ERROR_ELEVATION_REQUIRED 740
#endif

struct making {
    struct program program;
    struct words line;
    wchar_t block[BLOCK_CHARS];
    struct container_jobs jobs; /* empty = none */
    PROCESS_INFORMATION made;
};

/* ---- the environment ---- */

static bool is_replaced(const wchar_t *entry, const char *const *added)
{
    for (; *added; added++) {
        wchar_t wide[WIN_PATH_CHARS];
        const wchar_t *equals = win_wide(*added, wide, WIN_PATH_CHARS) ? wcschr(wide, L'=') : NULL;
        if (equals && _wcsnicmp(entry, wide, (size_t)(equals - wide) + 1) == 0)
            return true;
    }
    return false;
}

static bool put_entry(wchar_t *block, size_t *used, const wchar_t *entry)
{
    size_t length = wcslen(entry) + 1;
    if (*used + length + 1 > BLOCK_CHARS)
        return false;
    memcpy(block + *used, entry, length * sizeof *entry);
    *used += length;
    return true;
}

static bool fill_block(wchar_t *block, const char *const *added)
{
    size_t used = 0;
    wchar_t wide[WIN_PATH_CHARS];
    wchar_t *ours = GetEnvironmentStringsW();
    bool good = ours != NULL;
    for (const wchar_t *at = ours; good && *at; at += wcslen(at) + 1)
        good = is_replaced(at, added) || put_entry(block, &used, at);
    for (; good && *added; added++)
        good = win_wide(*added, wide, WIN_PATH_CHARS) && put_entry(block, &used, wide);
    block[used] = L'\0';
    if (ours)
        FreeEnvironmentStringsW(ours);
    return good;
}

/* ---- the process ---- */

/* If we have no console, the process would open a console window. It gets an invisible one. */
static DWORD flags_for_console(void)
{
    return GetConsoleWindow() || GetConsoleCP() != 0 ? 0 : CREATE_NO_WINDOW;
}

/* Everything that we could pass on is inherited, as without treefall. None of our own handles can
 * be. */
static STARTUPINFOW setup_like_ours(void)
{
    STARTUPINFOW ours = {.cb = sizeof ours};
    GetStartupInfoW(&ours);
    return (STARTUPINFOW){.dwFlags = STARTF_USESTDHANDLES | (ours.dwFlags & STARTF_USESHOWWINDOW),
                          .wShowWindow = ours.wShowWindow,
                          .cbReserved2 = ours.cbReserved2,
                          .lpReserved2 = ours.lpReserved2,
                          .hStdInput = GetStdHandle(STD_INPUT_HANDLE),
                          .hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE),
                          .hStdError = GetStdHandle(STD_ERROR_HANDLE)};
}

/* The process is created in its jobs, if Windows accepts a list of jobs: if we are killed now, the
 * jobs end it. */
static bool list_jobs(struct making *making, LPPROC_THREAD_ATTRIBUTE_LIST list, SIZE_T bytes)
{
    return making->jobs.job[0] && InitializeProcThreadAttributeList(list, 1, 0, &bytes) &&
           UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_JOB_LIST, making->jobs.job,
                                     sizeof making->jobs.job, NULL, NULL);
}

static bool create_with(struct making *making, STARTUPINFOEXW *setup)
{
    const wchar_t *file = making->program.is_batch ? NULL : making->program.path;
    DWORD extended = setup->lpAttributeList ? EXTENDED_STARTUPINFO_PRESENT : 0;
    setup->StartupInfo.cb = extended ? sizeof *setup : sizeof setup->StartupInfo;
    return CreateProcessW(file, making->line.text, NULL, NULL, TRUE,
                          FLAGS | flags_for_console() | extended, making->block, NULL,
                          &setup->StartupInfo, &making->made);
}

static bool create(struct making *making)
{
    char room[256];
    STARTUPINFOEXW setup = {.StartupInfo = setup_like_ours()};
    LPPROC_THREAD_ATTRIBUTE_LIST list = (LPPROC_THREAD_ATTRIBUTE_LIST)room;
    bool made = false;
    if (list_jobs(making, list, sizeof room)) {
        setup.lpAttributeList = list;
        made = create_with(making, &setup);
        DeleteProcThreadAttributeList(list);
        setup.lpAttributeList = NULL;
    }
    return made || create_with(making, &setup);
}

static struct error create_failed(void)
{
    DWORD code = GetLastError();
    switch (code) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
        return error_make(ERROR_NOT_FOUND, (int)code, "execute", NULL);
    case ERROR_BAD_EXE_FORMAT:
    case ERROR_EXE_MACHINE_TYPE_MISMATCH:
        return error_make(ERROR_DENIED, (int)code, "execute", NULL);
    case ERROR_ELEVATION_REQUIRED:
        return error_make(ERROR_DENIED, (int)code, "execute",
                          "it needs administrator rights: run treefall as administrator");
    default:
        return win_failed("execute", NULL);
    }
}

static struct error take(struct making *making, const struct os_spawn *spawn, struct os_child *out)
{
    const PROCESS_INFORMATION *made = &making->made;
    struct error error = ERROR_OK;
    if (spawn->container && spawn->container->handle != OS_NO_HANDLE)
        error = container_take(&making->jobs, made->hProcess);
    if (error.code) {
        TerminateProcess(made->hProcess, 1);
        CloseHandle(made->hThread);
        CloseHandle(made->hProcess);
        return error;
    }
    child_take(made);
    return os_process_open(
        (struct process_identity){(int32_t)made->dwProcessId, table_start_of(made->hProcess)},
        &out->process);
}

static struct error prepare(struct making *making, const struct os_spawn *spawn)
{
    struct error error = program_find(spawn->argv[0], &making->program);
    if (!error.code)
        error = program_line(&making->program, spawn->argv, &making->line);
    if (!error.code && !fill_block(making->block, spawn->environment))
        error = error_make(ERROR_DENIED, ERROR_BAD_ENVIRONMENT, "execute",
                           "the environment is longer than Windows accepts");
    return error;
}

struct error os_spawn_held(const struct os_spawn *spawn, struct os_child *out)
{
    if (spawn->isolate)
        return error_make(ERROR_UNSUPPORTED, ERROR_CALL_NOT_IMPLEMENTED, "isolate the command",
                          "Windows has no pid namespaces");
    struct making *making = os_pages(sizeof *making);
    if (!making)
        return win_failed("execute", NULL);
    struct os_child made = {.gate = OS_NO_HANDLE, .fault = OS_NO_HANDLE};
    struct error error = prepare(making, spawn);
    if (!error.code && spawn->container && spawn->container->handle != OS_NO_HANDLE)
        container_jobs_open(spawn->container, &making->jobs);
    if (!error.code && !create(making))
        error = create_failed();
    made.failed = error.code != ERROR_NONE;
    out->failed = made.failed;
    if (!error.code) {
        error = take(making, spawn, &made);
        if (!error.code)
            *out = made;
    }
    container_jobs_close(&making->jobs);
    os_pages_free(making, sizeof *making);
    return error;
}

struct error os_spawn_release(struct os_child *held)
{
    (void)held;
    return child_resume() ? ERROR_OK : win_failed("resume the command", NULL);
}

/* CreateProcess has already reported it. */
struct error os_spawn_fault(struct os_child *held)
{
    (void)held;
    return ERROR_OK;
}
