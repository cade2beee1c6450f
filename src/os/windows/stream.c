/* Standard streams. A console gets UTF-16, whatever its code page. A pipe or a file gets UTF-8. */
#include "os/windows/inheritance.h"

#include <string.h>

#define PIECE_CHARS 512

#ifndef ENABLE_VIRTUAL_TERMINAL_PROCESSING
#define ENABLE_VIRTUAL_TERMINAL_PROCESSING 4
#endif

static HANDLE handle_of(enum os_stream stream)
{
    return GetStdHandle(stream == STREAM_OUT ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE);
}

/* A parent may name a handle as a stream without letting us inherit it. One of our handles could
 * then get that number. */
struct error os_streams_hold(void)
{
    static const DWORD streams[] = {STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE};
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        DWORD flags;
        HANDLE handle = GetStdHandle(streams[i]);
        if (handle && !GetHandleInformation(handle, &flags))
            SetStdHandle(streams[i], NULL);
    }
    inheritance_take();
    return ERROR_OK;
}

/* The C library treats NUL as a terminal, but only a console has a mode. */
void os_stream_look(enum os_stream stream, struct os_stream_kind *out)
{
    DWORD mode;
    HANDLE handle = handle_of(stream);
    bool console = GetConsoleMode(handle, &mode);
    *out = (struct os_stream_kind){.terminal = console, .utf8 = console};
    if (console)
        out->colours = SetConsoleMode(handle, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

/* The number of bytes to write: a piece ends before a character that does not fit. */
static size_t piece_of(const char *bytes, size_t count)
{
    size_t piece = count < PIECE_CHARS ? count : PIECE_CHARS;
    size_t end = piece;
    while (end < count && end > 0 && ((unsigned char)bytes[end] & 0xC0) == 0x80)
        end--;
    return end > 0 ? end : piece;
}

static bool write_console(HANDLE console, const char *bytes, size_t count)
{
    wchar_t wide[PIECE_CHARS];
    while (count > 0) {
        DWORD wrote;
        size_t piece = piece_of(bytes, count);
        int chars = MultiByteToWideChar(CP_UTF8, 0, bytes, (int)piece, wide, PIECE_CHARS);
        if (!WriteConsoleW(console, wide, (DWORD)chars, &wrote, NULL))
            return false;
        bytes += piece;
        count -= piece;
    }
    return true;
}

static bool write_bytes(HANDLE handle, const char *bytes, size_t count)
{
    while (count > 0) {
        DWORD wrote = 0;
        if (!WriteFile(handle, bytes, (DWORD)count, &wrote, NULL) || wrote == 0)
            return false;
        bytes += wrote;
        count -= wrote;
    }
    return true;
}

struct error os_stream_write(enum os_stream stream, const char *bytes, size_t count)
{
    DWORD mode;
    HANDLE handle = handle_of(stream);
    bool good = GetConsoleMode(handle, &mode) ? write_console(handle, bytes, count)
                                              : write_bytes(handle, bytes, count);
    if (good)
        return ERROR_OK;
    DWORD code = GetLastError();
    bool gone =
        code == ERROR_BROKEN_PIPE || code == ERROR_NO_DATA || code == ERROR_PIPE_NOT_CONNECTED;
    return error_make(gone ? ERROR_GONE : ERROR_SYSTEM, (int)code, "write to standard output",
                      NULL);
}

bool os_stream_offer(enum os_stream stream, const char *bytes, size_t count)
{
    return !os_stream_write(stream, bytes, count).code;
}

void os_print(os_handle handle, const char *text)
{
    os_stream_write((enum os_stream)handle, text, strlen(text));
}
