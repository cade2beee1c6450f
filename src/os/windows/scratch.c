/* A folder that falls with its ward: removed whole, and nothing that a link in it leads to. */
#include "os/windows/object.h"

#include <aclapi.h>
#include <sddl.h>
#include <wchar.h>

#define OPENS  (FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT)
#define SHARES (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define CHANGES                                                                                    \
    (FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_DELETE_CHILD | DELETE | WRITE_DAC | WRITE_OWNER |   \
     GENERIC_WRITE | GENERIC_ALL)
#define DEPTH_MAX 64

static const char *const what = "take a scratch folder";

static struct error unsafe(const char *advice)
{
    return error_make(ERROR_UNSAFE, 0, what, advice);
}

/* ---- whose it is ---- */

static bool is_well_known(PSID sid, WELL_KNOWN_SID_TYPE type)
{
    return IsWellKnownSid(sid, type);
}

/* Who may do everything anyhow, and whoever makes something for himself. */
static bool is_system(PSID sid)
{
    return is_well_known(sid, WinLocalSystemSid) ||
           is_well_known(sid, WinBuiltinAdministratorsSid) ||
           is_well_known(sid, WinCreatorOwnerSid) || is_well_known(sid, WinCreatorOwnerRightsSid);
}

union user {
    TOKEN_USER user;
    char bytes[256];
};

static bool read_user(union user *out)
{
    HANDLE token;
    DWORD size;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return false;
    bool read = GetTokenInformation(token, TokenUser, out, sizeof *out, &size);
    CloseHandle(token);
    return read;
}

static bool is_private(PACL list, PSID user)
{
    for (DWORD i = 0; list && i < list->AceCount; i++) {
        ACCESS_ALLOWED_ACE *entry;
        if (!GetAce(list, i, (void **)&entry))
            return false;
        if (entry->Header.AceType == ACCESS_DENIED_ACE_TYPE || !(entry->Mask & CHANGES))
            continue;
        PSID sid = (PSID)&entry->SidStart;
        if (entry->Header.AceType != ACCESS_ALLOWED_ACE_TYPE ||
            !(EqualSid(sid, user) || is_system(sid)))
            return false;
    }
    return list != NULL; /* without one, all may do all */
}

static struct error check_owner(HANDLE folder)
{
    union user user;
    PSID owner = NULL;
    PACL list = NULL;
    PSECURITY_DESCRIPTOR security = NULL;
    DWORD code = GetSecurityInfo(folder, SE_FILE_OBJECT,
                                 OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, &owner,
                                 NULL, &list, NULL, &security);
    struct error error = ERROR_OK;
    if (code != ERROR_SUCCESS || !read_user(&user))
        error = error_make(ERROR_SYSTEM, (int)code, what, NULL);
    else if (!EqualSid(owner, user.user.User.Sid) && !is_system(owner))
        error = unsafe("name a folder of your own");
    else if (!is_private(list, user.user.User.Sid))
        error = unsafe("name a folder that nobody else may write to");
    LocalFree(security);
    return error;
}

/* ---- taking ---- */

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
        return win_failed(what, "make it first");
    struct error error = is_plain_folder(folder) ? check_owner(folder) : unsafe("name a folder");
    if (!error.code && fresh && !is_empty(wide))
        error = unsafe("name an empty folder: all in it is removed when the tree falls");
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

/* `path` has room for what is appended to it. Links go, and what they lead to stays. */
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
    /* As it stands: what lies in it may be deep, or have a name that ends with a dot. */
    HANDLE now = held && win_path_as_it_is(path, wide) ? open_folder(wide) : INVALID_HANDLE_VALUE;
    bool same = now != INVALID_HANDLE_VALUE && win_is_same_file(held, now);
    if (now != INVALID_HANDLE_VALUE)
        CloseHandle(now);
    if (!same || !remove_all(wide, 0))
        return false;
    /* Ours is open to delete: it goes when the last handle is closed. */
    return RemoveDirectoryW(wide);
}
