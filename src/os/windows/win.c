#include "os/windows/win.h"

#include "base/text.h"

#include <wchar.h>

struct error win_failed(const char *what, const char *advice)
{
    DWORD code = GetLastError();
    switch (code) {
    case ERROR_ACCESS_DENIED:
    case ERROR_PRIVILEGE_NOT_HELD:
        return error_make(ERROR_DENIED, (int)code, what, advice);
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
    case ERROR_COMMITMENT_LIMIT:
        return error_make(ERROR_NO_MEMORY, (int)code, what, advice);
    default:
        return error_make(ERROR_SYSTEM, (int)code, what, advice);
    }
}

bool win_wide(const char *text, wchar_t *out, size_t capacity)
{
    return MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, out, (int)capacity) > 0;
}

/* A lone half of a surrogate pair becomes U+FFFD. */
bool win_utf8(const wchar_t *text, char *out, size_t capacity)
{
    return WideCharToMultiByte(CP_UTF8, 0, text, -1, out, (int)capacity, NULL, NULL) > 0;
}

void win_append_random(wchar_t *text, size_t bytes)
{
    unsigned char random[16];
    char digits[2 * sizeof random + 1];
    os_random(random, bytes);
    text_hex_bytes(digits, random, bytes);
    win_wide(digits, text + wcslen(text), sizeof digits);
}

/* With \\?\ a path is taken literally, so it must be absolute and written with backslashes. */
static bool path_from(const char *path, DWORD plain_up_to, wchar_t *out)
{
    static const wchar_t prefix[] = L"\\\\?\\";
    wchar_t given[WIN_PATH_CHARS];
    wchar_t whole[WIN_PATH_CHARS];
    if (!win_wide(path, given, WIN_PATH_CHARS))
        return false;
    DWORD length = GetFullPathNameW(given, WIN_PATH_CHARS, whole, NULL);
    if (length == 0 || length >= WIN_PATH_CHARS - 8)
        return false;
    bool is_plain = length < plain_up_to || whole[0] == L'\\';
    wcscpy(out, is_plain ? L"" : prefix);
    wcscat(out, whole);
    return true;
}

bool win_path(const char *path, wchar_t *out)
{
    return path_from(path, MAX_PATH - 12, out);
}

bool win_path_as_it_is(const char *path, wchar_t *out)
{
    return path_from(path, 0, out);
}

HANDLE win_open_to_ask(const wchar_t *path)
{
    return CreateFileW(path, FILE_READ_ATTRIBUTES,
                       FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                       FILE_FLAG_BACKUP_SEMANTICS, NULL);
}

bool win_is_same_file(HANDLE a, HANDLE b)
{
    BY_HANDLE_FILE_INFORMATION one;
    BY_HANDLE_FILE_INFORMATION other;
    return GetFileInformationByHandle(a, &one) && GetFileInformationByHandle(b, &other) &&
           one.dwVolumeSerialNumber == other.dwVolumeSerialNumber &&
           one.nFileIndexHigh == other.nFileIndexHigh && one.nFileIndexLow == other.nFileIndexLow;
}

void (*win_function(const wchar_t *library, const char *name))(void)
{
    HMODULE module = GetModuleHandleW(library);
    return module ? (void (*)(void))GetProcAddress(module, name) : NULL;
}

uint64_t win_time(FILETIME time)
{
    return (uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime;
}
