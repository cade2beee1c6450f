#include "os/windows/runtime.h"

#include "base/text.h"
#include "os/windows/owner.h"

#include <string.h>
#include <wchar.h>

typedef DWORD(WINAPI *get_temp_path)(DWORD capacity, wchar_t *path);

/* For the system account, the older function returns a folder that every user may write to. */
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

/* A service's temporary folder is shared by all users: one of them may have made our folder. */
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
        return win_failed("create a folder for temporary files", "set TEMP");
    struct error error = check_folder(folder);
    if (error.code)
        return error;
    return win_utf8(folder, path, capacity) ? ERROR_OK : win_failed("name a temporary file", NULL);
}

struct error runtime_path(const char *prefix, char *path, size_t capacity)
{
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
    text_hex_bytes(path + used, random, sizeof random);
    return ERROR_OK;
}

void runtime_leave(const char *path)
{
    wchar_t wide[WIN_PATH_CHARS];
    if (!win_path(path, wide))
        return;
    wchar_t *last = wcsrchr(wide, L'\\');
    if (last)
        *last = L'\0';
    RemoveDirectoryW(wide);
}
