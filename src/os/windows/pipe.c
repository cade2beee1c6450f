#include "os/windows/pipe.h"
#include "os/windows/owner.h"

#include <string.h>
#include <wchar.h>

#define MESSAGE_BYTES 16384
#define NAME_BYTES    16
#define WRITE_MS      10000
#define BUSY_MS       10000

struct pipe {
    HANDLE handle;
    HANDLE signal; /* of the pending read */
    OVERLAPPED reading;
    bool is_reading;
    bool is_closed;
    wchar_t name[PIPE_NAME_CHARS];
    char buffer[MESSAGE_BYTES];
};

static struct error failed(const char *what)
{
    return win_failed(what, NULL);
}

static void name_randomly(wchar_t *name)
{
    wcscpy(name, L"\\\\.\\pipe\\treefall-");
    win_append_random(name, NAME_BYTES);
}

static struct pipe *pipe_of(HANDLE handle)
{
    struct pipe *pipe = os_pages(sizeof *pipe);
    if (!pipe)
        return NULL;
    pipe->handle = handle;
    pipe->signal = CreateEventW(NULL, TRUE, FALSE, NULL);
    return pipe;
}

struct error pipe_make(struct pipe **out)
{
    struct pipe *pipe = pipe_of(INVALID_HANDLE_VALUE);
    SECURITY_ATTRIBUTES security = {sizeof security, owner_security(L""), FALSE};
    if (!pipe || !security.lpSecurityDescriptor)
        return failed("create a channel between the guards");
    name_randomly(pipe->name);
    pipe->handle = CreateNamedPipeW(
        pipe->name, PIPE_ACCESS_DUPLEX | FILE_FLAG_FIRST_PIPE_INSTANCE | FILE_FLAG_OVERLAPPED,
        PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE | PIPE_REJECT_REMOTE_CLIENTS, 1, MESSAGE_BYTES,
        MESSAGE_BYTES, 0, &security);
    LocalFree(security.lpSecurityDescriptor);
    if (pipe->handle == INVALID_HANDLE_VALUE) {
        struct error error = failed("create a channel between the guards");
        pipe_close(pipe);
        return error;
    }
    *out = pipe;
    return ERROR_OK;
}

const wchar_t *pipe_name(const struct pipe *pipe)
{
    return pipe->name;
}

static DWORD begin_connection(struct pipe *pipe)
{
    memset(&pipe->reading, 0, sizeof pipe->reading);
    pipe->reading.hEvent = pipe->signal;
    return ConnectNamedPipe(pipe->handle, &pipe->reading) ? ERROR_PIPE_CONNECTED : GetLastError();
}

/* Whether a process connected before `process` exited and the time was up. */
static bool await_connection(struct pipe *pipe, HANDLE process, DWORD limit_ms)
{
    HANDLE events[] = {pipe->signal, process};
    DWORD unused;
    DWORD code = begin_connection(pipe);
    if (code == ERROR_NO_DATA) { /* a process of a failed rung connected, and is gone */
        DisconnectNamedPipe(pipe->handle);
        code = begin_connection(pipe);
    }
    if (code != ERROR_IO_PENDING)
        return code == ERROR_PIPE_CONNECTED;
    if (WaitForMultipleObjects(2, events, FALSE, limit_ms) == WAIT_OBJECT_0)
        return GetOverlappedResult(pipe->handle, &pipe->reading, &unused, FALSE);
    CancelIoEx(pipe->handle, &pipe->reading);
    GetOverlappedResult(pipe->handle, &pipe->reading, &unused, TRUE);
    return false;
}

struct error pipe_await(struct pipe *pipe, HANDLE process, DWORD pid, DWORD limit_ms)
{
    static const char what[] = "wait for the sentinel";
    ULONG client = 0;
    do {
        if (client != 0)
            DisconnectNamedPipe(pipe->handle); /* a stranger */
        if (!await_connection(pipe, process, limit_ms))
            return WaitForSingleObject(process, 0) == WAIT_OBJECT_0
                       ? error_make(ERROR_DENIED, 0, what, NULL)
                       : error_make(ERROR_TIMEOUT, 0, what, NULL);
        if (!GetNamedPipeClientProcessId(pipe->handle, &client))
            return failed(what);
    } while (client != pid);
    return ERROR_OK;
}

struct pipe *pipe_open(const wchar_t *name, DWORD pid)
{
    DWORD mode = PIPE_READMODE_MESSAGE;
    ULONG server = 0;
    HANDLE handle;
    do /* the pipe is busy while a process of an earlier rung has it, which is being ended */
        handle = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                             FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION,
                             NULL);
    while (handle == INVALID_HANDLE_VALUE && GetLastError() == ERROR_PIPE_BUSY &&
           WaitNamedPipeW(name, BUSY_MS));
    if (handle == INVALID_HANDLE_VALUE)
        return NULL;
    bool is_theirs = GetNamedPipeServerProcessId(handle, &server) && server == pid &&
                     SetNamedPipeHandleState(handle, &mode, NULL, NULL);
    struct pipe *pipe = is_theirs ? pipe_of(handle) : NULL;
    if (!pipe)
        CloseHandle(handle);
    return pipe;
}

bool pipe_write(struct pipe *pipe, const void *message, size_t size)
{
    OVERLAPPED writing = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    DWORD wrote = 0;
    bool done = WriteFile(pipe->handle, message, (DWORD)size, &wrote, &writing) ||
                GetLastError() == ERROR_IO_PENDING;
    if (done && WaitForSingleObject(writing.hEvent, WRITE_MS) != WAIT_OBJECT_0)
        CancelIoEx(pipe->handle, &writing);
    done = done && GetOverlappedResult(pipe->handle, &writing, &wrote, TRUE) && wrote == size;
    CloseHandle(writing.hEvent);
    return done;
}

/* One read is always pending: a wait waits for its event. */
static void begin_read(struct pipe *pipe)
{
    if (pipe->is_reading || pipe->is_closed)
        return;
    memset(&pipe->reading, 0, sizeof pipe->reading);
    pipe->reading.hEvent = pipe->signal;
    ResetEvent(pipe->signal);
    if (ReadFile(pipe->handle, pipe->buffer, sizeof pipe->buffer, NULL, &pipe->reading) ||
        GetLastError() == ERROR_IO_PENDING) {
        pipe->is_reading = true;
        return;
    }
    pipe->is_closed = true;
    SetEvent(pipe->signal);
}

HANDLE pipe_signal(struct pipe *pipe)
{
    begin_read(pipe);
    return pipe->signal;
}

bool pipe_read(struct pipe *pipe, void *message, size_t size, bool *closed)
{
    DWORD got = 0;
    begin_read(pipe);
    *closed = pipe->is_closed;
    if (pipe->is_closed || WaitForSingleObject(pipe->signal, 0) != WAIT_OBJECT_0)
        return false;
    bool arrived = GetOverlappedResult(pipe->handle, &pipe->reading, &got, FALSE);
    pipe->is_reading = false;
    pipe->is_closed = *closed = !arrived && GetLastError() != ERROR_MORE_DATA;
    if (arrived && got == size)
        memcpy(message, pipe->buffer, size);
    return arrived && got == size;
}

void pipe_close(struct pipe *pipe)
{
    DWORD unused;
    if (pipe->is_reading && CancelIoEx(pipe->handle, &pipe->reading))
        GetOverlappedResult(pipe->handle, &pipe->reading, &unused, TRUE);
    if (pipe->handle != INVALID_HANDLE_VALUE)
        CloseHandle(pipe->handle);
    if (pipe->signal)
        CloseHandle(pipe->signal);
    os_pages_free(pipe, sizeof *pipe);
}
