#include "os/windows/object.h"
#include "os/windows/table.h"

static const char *const what = "open a process";

static bool has_ended(HANDLE process)
{
    return WaitForSingleObject(process, 0) == WAIT_OBJECT_0;
}

/* Another user's process may be watched but not terminated. */
static HANDLE open_process(int32_t pid)
{
    DWORD least = SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION;
    HANDLE process = OpenProcess(least | PROCESS_TERMINATE, FALSE, (DWORD)pid);
    return process ? process : OpenProcess(least, FALSE, (DWORD)pid);
}

/* A number stays valid as long as a handle to its process is open. The handle tells whether the
 * process has exited. */
struct error os_process_open(struct process_identity id, struct os_process *out)
{
    HANDLE process = id.pid > 0 ? open_process(id.pid) : NULL;
    if (!process)
        return GetLastError() == ERROR_ACCESS_DENIED ? win_failed(what, "run treefall as that user")
                                                     : error_make(ERROR_GONE, 0, what, NULL);
    uint64_t start = table_start_of(process);
    if (has_ended(process) || start == 0 || (id.start != 0 && id.start != start)) {
        CloseHandle(process);
        return error_make(ERROR_GONE, 0, what, NULL);
    }
    os_handle handle = object_add((struct object){OBJECT_PROCESS, process, NULL});
    if (handle == OS_NO_HANDLE)
        return win_failed(what, NULL);
    *out = (struct os_process){{id.pid, start}, handle};
    return ERROR_OK;
}

struct error os_process_watch(int32_t pid, struct os_process *out)
{
    return os_process_open((struct process_identity){pid, 0}, out);
}

struct error os_process_self_open(struct os_process *out)
{
    return os_process_watch(os_process_self(), out);
}

struct error os_can_look_up(void)
{
    return ERROR_OK;
}

struct error os_can_signal(void)
{
    return ERROR_OK;
}

void os_process_close(struct os_process *process)
{
    os_handle_close(&process->handle);
}

bool os_process_ended(const struct os_process *process)
{
    HANDLE handle = object_handle(process->handle, OBJECT_PROCESS);
    return !handle || has_ended(handle);
}

struct search {
    int32_t pid;
    struct process_row *out;
    bool found;
};

static bool is_it(void *context, const struct process_row *row)
{
    struct search *search = context;
    if (row->id.pid != search->pid)
        return true;
    *search->out = *row;
    search->found = true;
    return false;
}

struct error os_process_row(int32_t pid, struct process_row *out)
{
    struct search search = {pid, out, false};
    struct error error = table_read(is_it, &search);
    if (!error.code && !search.found)
        return error_make(ERROR_GONE, 0, "inspect a process", NULL);
    return error;
}

/* ProcessBasicInformation, and ProcessCommandLineInformation, which exists since Windows 8.1. Wine
 * 8 does not have it: there the command line is read from the process itself. */
enum { BASIC = 0, COMMAND_LINE = 60 };

/* From the process environment block to its parameters, and from these to the command line. */
#define AT_PARAMETERS   (sizeof(void *) == 8 ? 0x20 : 0x10)
#define AT_COMMAND_LINE (sizeof(void *) == 8 ? 0x70 : 0x40)

typedef LONG(WINAPI *query_process)(HANDLE process, ULONG what, void *out, ULONG size,
                                    ULONG *needed);

/* A UNICODE_STRING followed by its text. */
struct command_line {
    USHORT bytes;
    USHORT capacity;
    const wchar_t *text;
    wchar_t room[32768]; /* the most that 16 bits of `bytes` can express */
};

struct basic {
    LONG_PTR status;
    const char *block;
    ULONG_PTR unread[4];
};

static bool peek(HANDLE process, const char *at, void *out, size_t bytes)
{
    SIZE_T got = 0;
    return ReadProcessMemory(process, at, out, bytes, &got) && got == bytes;
}

static bool peek_command(HANDLE process, query_process query, struct command_line *line)
{
    struct basic basic;
    const char *parameters = NULL;
    if (query(process, BASIC, &basic, sizeof basic, NULL) < 0 || !basic.block ||
        !peek(process, basic.block + AT_PARAMETERS, &parameters, sizeof parameters) ||
        !peek(process, parameters + AT_COMMAND_LINE, line, offsetof(struct command_line, room)) ||
        !peek(process, (const char *)line->text, line->room, line->bytes))
        return false;
    line->text = line->room;
    return true;
}

static bool take_command(HANDLE process, struct command_line *line, char *out, size_t capacity)
{
    query_process query = (query_process)win_function(L"ntdll.dll", "NtQueryInformationProcess");
    ULONG needed = 0;
    int length = 0;
    if (!query || (query(process, COMMAND_LINE, line, sizeof *line, &needed) < 0 &&
                   !peek_command(process, query, line)))
        return false;
    int chars = line->bytes / (int)sizeof(wchar_t);
    if (chars > 0)
        length =
            WideCharToMultiByte(CP_UTF8, 0, line->text, chars, out, (int)capacity - 1, NULL, NULL);
    out[length] = '\0';
    return length > 0 || chars == 0;
}

static HANDLE open_to_read(int32_t pid)
{
    HANDLE process = OpenProcess(PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, FALSE, (DWORD)pid);
    return process ? process : OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, (DWORD)pid);
}

struct error os_process_command(int32_t pid, char *out, size_t capacity)
{
    static const char reading[] = "read a process's command line";
    HANDLE process = open_to_read(pid);
    if (!process && GetLastError() == ERROR_INVALID_PARAMETER)
        return error_make(ERROR_GONE, ERROR_INVALID_PARAMETER, reading, NULL);
    if (!process)
        return win_failed(reading, NULL);
    struct command_line *line = os_pages(sizeof *line);
    struct error error = ERROR_OK;
    if (!line || !take_command(process, line, out, capacity))
        error = error_make(has_ended(process) ? ERROR_GONE : ERROR_SYSTEM, 0, reading, NULL);
    os_pages_free(line, sizeof *line);
    CloseHandle(process);
    return error;
}

/* Opens the process: a call of the table for each of a thousand processes would take seconds. A
 * process that may not even be opened is looked up in the table all the same. */
bool os_process_is_there(struct process_identity id)
{
    struct process_row row = {0};
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, (DWORD)id.pid);
    if (!process)
        return GetLastError() == ERROR_ACCESS_DENIED && !os_process_row(id.pid, &row).code &&
               row.id.start == id.start;
    bool same = table_start_of(process) == id.start;
    CloseHandle(process);
    return same;
}

/* -1: nothing reports which debugger it is. */
int32_t os_process_tracer(int32_t pid)
{
    BOOL traced = FALSE;
    HANDLE process = OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, (DWORD)pid);
    if (!process)
        return 0;
    CheckRemoteDebuggerPresent(process, &traced);
    CloseHandle(process);
    return traced ? -1 : 0;
}

int32_t os_process_self(void)
{
    return (int32_t)GetCurrentProcessId();
}

int32_t os_process_newest(void)
{
    return 0;
}

int32_t os_process_parent(void)
{
    struct process_row row = {0};
    return os_process_row(os_process_self(), &row).code ? 0 : row.ppid;
}

int32_t os_process_session(void)
{
    return 0;
}

/* A parent is never younger than its child. If it seems so, the number now belongs to another
 * process. */
void os_process_ancestry(os_process_told *told, void *context)
{
    struct process_row row = {0};
    struct process_row parent = {0};
    if (os_process_row(os_process_self(), &row).code)
        return;
    told(context, row.id);
    while (row.ppid > 0 && !os_process_row(row.ppid, &parent).code &&
           parent.id.start <= row.id.start && parent.id.pid != row.id.pid) {
        told(context, parent.id);
        row = parent;
    }
}
