/* A folder that is removed together with its ward's tree: as a whole, but nothing that a link in it
 * leads to. */
#include "os/windows/object.h"
#include "os/windows/owner.h"

#include <wchar.h>

#define OPENS     (FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT)
#define SHARES    (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define DEPTH_MAX 64

static const char *const what = "use a scratch folder";

static struct error unsafe(const char *advice)
{
    return error_make(ERROR_UNSAFE, 0, what, advice);
}

/* ---- opening ---- */

static HANDLE open_folder(const wchar_t *path)
{
    return CreateFileW(path, READ_CONTROL | FILE_READ_ATTRIBUTES, SHARES, NULL, OPEN_EXISTING,
                       OPENS, NULL);
}

static bool is_plain_folder(HANDLE folder)
{
    BY_HANDLE_FILE_INFORMATION info;
    return GetFileInformationByHandle(folder, &info) &&
           info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY &&
           !(info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT);
}

static bool is_dots(const wchar_t *name)
{
    return wcscmp(name, L".") == 0 || wcscmp(name, L"..") == 0;
}

static bool is_empty(const wchar_t *path)
{
    wchar_t pattern[WIN_PATH_CHARS];
    WIN32_FIND_DATAW entry;
    bool empty = true;
    if (wcslen(path) + 3 > WIN_PATH_CHARS)
        return false;
    swprintf(pattern, WIN_PATH_CHARS, L"%ls\\*", path);
    HANDLE search = FindFirstFileW(pattern, &entry);
    if (search == INVALID_HANDLE_VALUE)
        return false;
    do
        empty = is_dots(entry.cFileName);
    while (empty && FindNextFileW(search, &entry));
    FindClose(search);
    return empty;
}

struct error os_scratch_open(const char *path, bool fresh, os_handle *out)
{
    wchar_t wide[WIN_PATH_CHARS];
    HANDLE folder = win_path(path, wide) ? open_folder(wide) : INVALID_HANDLE_VALUE;
    if (folder == INVALID_HANDLE_VALUE)
        return win_failed(what, "create it first");
    struct error error =
        is_plain_folder(folder) ? owner_check(folder, what) : unsafe("give a folder");
    if (!error.code && fresh && !is_empty(wide))
        error = unsafe("give an empty folder: everything in it is removed when the tree is killed");
    if (error.code) {
        CloseHandle(folder);
        return error;
    }
    os_handle made = object_add((struct object){OBJECT_FOLDER, folder, NULL});
    if (made == OS_NO_HANDLE)
        return win_failed(what, NULL);
    *out = made;
    return ERROR_OK;
}

/* ---- removing ---- */

static bool remove_one(const wchar_t *path, DWORD attributes)
{
    if (attributes & FILE_ATTRIBUTE_READONLY)
        SetFileAttributesW(path, attributes & ~(DWORD)FILE_ATTRIBUTE_READONLY);
    return attributes & FILE_ATTRIBUTE_DIRECTORY ? RemoveDirectoryW(path) : DeleteFileW(path);
}

/* `path` has room for appended names. Links are removed, but not what they lead to. */
static bool remove_all(wchar_t *path, int depth)
{
    WIN32_FIND_DATAW entry;
    size_t length = wcslen(path);
    bool whole = true;
    if (depth == DEPTH_MAX || length + 3 > WIN_PATH_CHARS)
        return false;
    wcscpy(path + length, L"\\*");
    HANDLE search = FindFirstFileW(path, &entry);
    while (search != INVALID_HANDLE_VALUE) {
        DWORD attributes = entry.dwFileAttributes;
        if (length + wcslen(entry.cFileName) + 2 > WIN_PATH_CHARS) {
            whole = false;
        } else if (!is_dots(entry.cFileName)) {
            wcscpy(path + length + 1, entry.cFileName);
            if (attributes & FILE_ATTRIBUTE_DIRECTORY &&
                !(attributes & FILE_ATTRIBUTE_REPARSE_POINT))
                remove_all(path, depth + 1);
            whole &= remove_one(path, attributes);
        }
        if (!FindNextFileW(search, &entry))
            break;
    }
    if (search != INVALID_HANDLE_VALUE)
        FindClose(search);
    path[length] = L'\0';
    return whole;
}

bool os_scratch_remove(const char *path, os_handle scratch)
{
    wchar_t wide[WIN_PATH_CHARS];
    HANDLE held = object_handle(scratch, OBJECT_FOLDER);
    /* The path is taken literally: files in it may be deep, or have a name that ends with a dot. */
    HANDLE now = held && win_path_as_it_is(path, wide) ? open_folder(wide) : INVALID_HANDLE_VALUE;
    bool same = now != INVALID_HANDLE_VALUE && win_is_same_file(held, now);
    if (now != INVALID_HANDLE_VALUE)
        CloseHandle(now);
    if (!same || !remove_all(wide, 0))
        return false;
    /* Our own handle may delete: the folder disappears when the last handle is closed. */
    return RemoveDirectoryW(wide);
}
