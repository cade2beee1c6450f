#include "os/windows/win.h"

#include <string.h>
#include <wchar.h>

#define SETTING_BYTES 4096

struct error os_path_absolute(const char *path, char *out, size_t capacity)
{
    wchar_t given[WIN_PATH_CHARS];
    wchar_t whole[WIN_PATH_CHARS];
    DWORD length = win_wide(path, given, WIN_PATH_CHARS)
                       ? GetFullPathNameW(given, WIN_PATH_CHARS, whole, NULL)
                       : 0;
    if (length == 0 || length >= WIN_PATH_CHARS || !win_utf8(whole, out, capacity))
        return error_make(ERROR_USAGE, ERROR_BAD_PATHNAME, "convert the name to a path", NULL);
    return ERROR_OK;
}

static bool file_of_code(wchar_t *path)
{
    HMODULE module = NULL;
    DWORD flags =
        GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    if (!GetModuleHandleExW(flags, (const wchar_t *)(uintptr_t)file_of_code, &module))
        return false;
    DWORD length = GetModuleFileNameW(module, path, WIN_PATH_CHARS);
    return length > 0 && length < WIN_PATH_CHARS;
}

/* Programs are files that end with .exe. */
bool os_path_beside(const char *name, char *path, size_t capacity)
{
    wchar_t file[WIN_PATH_CHARS];
    wchar_t wide[MAX_PATH];
    if (!file_of_code(file) || !win_wide(name, wide, MAX_PATH))
        return false;
    wchar_t *last = wcsrchr(file, L'\\');
    if (!last || (size_t)(last - file) + wcslen(wide) + 8 > WIN_PATH_CHARS)
        return false;
    wcscpy(last + 1, wide);
    wcscat(last, L".exe");
    return win_utf8(file, path, capacity);
}

bool os_is_program(const char *path)
{
    wchar_t wide[WIN_PATH_CHARS];
    DWORD attributes = win_path(path, wide) ? GetFileAttributesW(wide) : INVALID_FILE_ATTRIBUTES;
    if (attributes == INVALID_FILE_ATTRIBUTES)
        return false;
    if (!(attributes & FILE_ATTRIBUTE_DIRECTORY))
        return true;
    SetLastError(ERROR_ACCESS_DENIED);
    return false;
}

/* Windows has no manual pages. */
const char *os_manual(void)
{
    return "docs/windows.md of its source";
}

/* Valid until the next call from this thread. */
const char *os_setting(const char *name)
{
    static _Thread_local char value[SETTING_BYTES];
    wchar_t wide_name[MAX_PATH];
    wchar_t wide[SETTING_BYTES];
    DWORD length = win_wide(name, wide_name, MAX_PATH)
                       ? GetEnvironmentVariableW(wide_name, wide, SETTING_BYTES)
                       : 0;
    return length > 0 && length < SETTING_BYTES && win_utf8(wide, value, sizeof value) ? value
                                                                                       : NULL;
}
