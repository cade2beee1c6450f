#include "os/windows/owner.h"

#include <string.h>
#include <wchar.h>

#define SETTING_BYTES 4096

bool os_path_anchor(const char *path, char *out, size_t capacity)
{
    (void)path;
    (void)out;
    (void)capacity;
    return false;
}

struct error os_path_absolute(const char *path, char *out, size_t capacity)
{
    wchar_t given[WIN_PATH_CHARS];
    wchar_t whole[WIN_PATH_CHARS];
    DWORD length = win_wide(path, given, WIN_PATH_CHARS)
                       ? GetFullPathNameW(given, WIN_PATH_CHARS, whole, NULL)
                       : 0;
    if (length == 0 || length >= WIN_PATH_CHARS || !win_utf8(whole, out, capacity))
        return error_make(ERROR_USAGE, ERROR_BAD_PATHNAME, "make a path of the name", NULL);
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

/* Good until the next call from this thread. */
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

typedef DWORD(WINAPI *get_temp_path)(DWORD capacity, wchar_t *path);

/* For the system's own account the older function names a folder that anybody may write to. */
static DWORD temporary_folder(DWORD capacity, wchar_t *path)
{
    get_temp_path newer = (get_temp_path)win_function(L"kernel32.dll", "GetTempPath2W");
    return newer ? newer(capacity, path) : GetTempPathW(capacity, path);
}

static bool make_folder(const wchar_t *folder)
{
    SECURITY_ATTRIBUTES security = {sizeof security, owner_security(L"OICI"), FALSE};
    bool made = security.lpSecurityDescriptor && CreateDirectoryW(folder, &security);
    DWORD code = GetLastError();
    LocalFree(security.lpSecurityDescriptor);
    SetLastError(code);
    return made || code == ERROR_ALREADY_EXISTS;
}

/* A service's folder for temporary files is every user's: one of them may have made ours. */
static struct error check_folder(const wchar_t *path)
{
    static const char what[] = "use the folder for temporary files, treefall in TEMP";
    BY_HANDLE_FILE_INFORMATION info;
    HANDLE folder =
        CreateFileW(path, READ_CONTROL | FILE_READ_ATTRIBUTES,
                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                    FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    if (folder == INVALID_HANDLE_VALUE)
        return win_failed(what, "set TEMP");
    bool link = !GetFileInformationByHandle(folder, &info) ||
                info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT;
    struct error error = link ? error_make(ERROR_UNSAFE, 0, what, NULL) : owner_check(folder, what);
    if (error.code)
        error.advice = "remove it, or set TEMP to a folder of your own";
    CloseHandle(folder);
    return error;
}

static struct error runtime_folder(char *path, size_t capacity)
{
    static const wchar_t name[] = L"treefall";
    wchar_t folder[MAX_PATH + 16];
    DWORD length = temporary_folder(MAX_PATH, folder);
    if (length == 0 || length >= MAX_PATH)
        return win_failed("find the folder for temporary files", "set TEMP");
    wcscat(folder, name);
    if (!make_folder(folder))
        return win_failed("make a folder for temporary files", "set TEMP");
    struct error error = check_folder(folder);
    if (error.code)
        return error;
    return win_utf8(folder, path, capacity) ? ERROR_OK : win_failed("name a temporary file", NULL);
}

struct error win_runtime_path(const char *prefix, char *path, size_t capacity)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char random[16];
    struct error error = runtime_folder(path, capacity);
    size_t used = error.code ? 0 : strlen(path);
    if (error.code)
        return error;
    if (used + strlen(prefix) + 2 * sizeof random + 2 > capacity)
        return error_make(ERROR_SYSTEM, ERROR_BAD_PATHNAME, "name a temporary file", NULL);
    path[used++] = '\\';
    strcpy(path + used, prefix);
    used += strlen(prefix);
    os_random(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++) {
        path[used++] = digits[random[i] >> 4];
        path[used++] = digits[random[i] & 15];
    }
    path[used] = '\0';
    return ERROR_OK;
}

void win_runtime_leave(const char *path)
{
    wchar_t wide[WIN_PATH_CHARS];
    if (!win_path(path, wide))
        return;
    wchar_t *last = wcsrchr(wide, L'\\');
    if (last)
        *last = L'\0';
    RemoveDirectoryW(wide);
}
