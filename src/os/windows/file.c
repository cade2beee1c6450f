#include "base/sink.h"
#include "os/windows/win.h"

#include <string.h>
#include <wchar.h>

#define BUFFER_BYTES 4096
#define RANDOM_BYTES 8

static const char *const what = "write the file";

static struct error failed(void)
{
    switch (GetLastError()) {
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
        return error_make(ERROR_SYSTEM, (int)GetLastError(), what, "free space on the disk");
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
        return error_make(ERROR_NOT_FOUND, (int)GetLastError(), what, "create its folder first");
    default:
        return win_failed(what, "give a file in a folder that you may write to");
    }
}

static bool flush(void *context, const char *bytes, size_t count)
{
    DWORD wrote = 0;
    return WriteFile((HANDLE)context, bytes, (DWORD)count, &wrote, NULL) && wrote == count;
}

static bool produce(HANDLE file, void (*write)(void *, struct sink *), void *context)
{
    char buffer[BUFFER_BYTES];
    struct sink sink = {
        .flush = flush, .context = file, .buffer = buffer, .capacity = sizeof buffer};
    write(context, &sink);
    return sink_finish(&sink);
}

/* A new file beside `path`, which no other process can have opened. */
static HANDLE begin(const wchar_t *path, wchar_t *beside)
{
    if (wcslen(path) + 32 > WIN_PATH_CHARS)
        return INVALID_HANDLE_VALUE;
    wcscpy(beside, path);
    wcscat(beside, L"~");
    win_append_random(beside, RANDOM_BYTES);
    return CreateFileW(beside, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
}

static bool finish(HANDLE file, const wchar_t *beside, const wchar_t *path, bool good)
{
    good = good && FlushFileBuffers(file);
    CloseHandle(file);
    if (good && MoveFileExW(beside, path, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH))
        return true;
    DWORD code = GetLastError();
    DeleteFileW(beside);
    SetLastError(code);
    return false;
}

struct error os_file_replace(const char *path, void (*write)(void *context, struct sink *sink),
                             void *context)
{
    wchar_t wide[WIN_PATH_CHARS];
    wchar_t beside[WIN_PATH_CHARS];
    if (!win_path(path, wide))
        return failed();
    HANDLE file = begin(wide, beside);
    if (file == INVALID_HANDLE_VALUE)
        return failed();
    return finish(file, beside, wide, produce(file, write, context)) ? ERROR_OK : failed();
}

struct error os_file_writable(const char *path)
{
    static const char block[BUFFER_BYTES];
    wchar_t wide[WIN_PATH_CHARS];
    wchar_t beside[WIN_PATH_CHARS];
    if (!win_path(path, wide))
        return error_make(ERROR_USAGE, ERROR_BAD_PATHNAME, what,
                          "give a path that Windows accepts");
    DWORD attributes = GetFileAttributesW(wide);
    if (attributes != INVALID_FILE_ATTRIBUTES && attributes & FILE_ATTRIBUTE_DIRECTORY)
        return error_make(ERROR_USAGE, ERROR_DIRECTORY, what, "give a file, not a folder");
    HANDLE file = begin(wide, beside);
    if (file == INVALID_HANDLE_VALUE)
        return failed();
    bool good = flush(file, block, sizeof block) && FlushFileBuffers(file);
    struct error error = good ? ERROR_OK : failed();
    CloseHandle(file);
    DeleteFileW(beside);
    return error;
}
