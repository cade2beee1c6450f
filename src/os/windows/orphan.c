/* Starting the sentinel, and handing over its handles. */
#include "os/windows/escape.h"
#include "os/windows/inheritance.h"
#include "os/windows/object.h"
#include "os/windows/pipe.h"

#include <string.h>
#include <wchar.h>

#define ATTEST_MS 10000

static const char *const what = "start the sentinel";

/* Windows does not run well without these variables. Nothing else of the ward's environment goes to
 * the sentinel. */
static bool fill_block(struct start *start, const struct pipe *pipe)
{
    static const wchar_t *const kept[] = {L"SystemRoot", L"SystemDrive", L"TEMP"};
    size_t used = 0;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        wchar_t value[MAX_PATH];
        DWORD length = GetEnvironmentVariableW(kept[i], value, MAX_PATH);
        if (length > 0 && length < MAX_PATH)
            used += 1 + (size_t)swprintf(start->block + used, START_BLOCK_CHARS - used, L"%ls=%ls",
                                         kept[i], value);
    }
    used += 1 + (size_t)swprintf(start->block + used, START_BLOCK_CHARS - used, L"%ls=%ls|%lu",
                                 INHERITANCE_VARIABLE, pipe_name(pipe), GetCurrentProcessId());
    start->block[used] = L'\0';
    return used < START_BLOCK_CHARS;
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
    start_close(start);
    return error;
}

/* The first handle is the far end of a channel. */
struct error os_spawn_orphan(const char *path, const os_handle *handles, size_t count,
                             struct os_orphan *out)
{
    struct object end = object_get(handles[0]);
    struct start *start = os_pages(sizeof *start);
    struct error error = error_make(ERROR_SYSTEM, 0, what, NULL);
    *out = (struct os_orphan){.parent = {.handle = OS_NO_HANDLE}};
    if (!start)
        return win_failed(what, NULL);
    if (end.kind == OBJECT_PIPE_END && win_path(path, start->path) && fill_block(start, end.pipe)) {
        wcscpy(start->line, L"treefall-sentinel");
        error = escape_start(start, &out->escape) ? hand_over(start, end.pipe, handles, count)
                                                  : start_failed();
    }
    os_pages_free(start, sizeof *start);
    return error;
}

/* There is nothing to close: no handle was inherited, and the process has no console. */
void os_detach(os_handle first_closed)
{
    wchar_t root[MAX_PATH];
    (void)first_closed;
    if (GetWindowsDirectoryW(root, MAX_PATH) > 3) {
        root[3] = L'\0';
        SetCurrentDirectoryW(root);
    }
}

enum escape os_escape_try(const char *path)
{
    enum escape escape = ESCAPE_NONE;
    struct start *start = os_pages(sizeof *start);
    if (start && win_path(path, start->path)) {
        wcscpy(start->line, L"treefall-sentinel");
        start->flags = CREATE_SUSPENDED; /* it is examined, and never runs */
        if (escape_start(start, &escape))
            start_end(start);
    }
    os_pages_free(start, sizeof *start);
    return escape;
}
