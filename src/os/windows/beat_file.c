/* A heartbeat file. Its times are read without opening it for reading or writing, so a process that
 * has opened it exclusively does not prevent that. */
#include "os/windows/runtime.h"
#include "os/windows/win.h"

#include <string.h>
#include <wchar.h>

#define EPOCH_IN_TICKS 116444736000000000LL
#define TICKS_PER_MS   10000
#define ROUNDED_MS     2 /* two times rounded down: the beat may have been later by this much */
#define FAT_STEP       20000000 /* two seconds: such a stamp does not say when it was made */

static const struct os_beat_file unopened = {
    .folder = OS_NO_HANDLE, .watch = OS_NO_HANDLE, .watch_id = -1};

static const char *const what = "check the heartbeat file";

static struct error unsafe(const char *doing, const char *advice)
{
    return error_make(ERROR_UNSAFE, 0, doing, advice);
}

static struct error judge(DWORD attributes)
{
    if (attributes & FILE_ATTRIBUTE_REPARSE_POINT)
        return unsafe("use a link as heartbeat file", "give the file that it points to");
    if (attributes & FILE_ATTRIBUTE_DIRECTORY)
        return unsafe("use a folder as heartbeat file", "give a file in it");
    return ERROR_OK;
}

/* The folder must exist, so that the file can be created. */
static struct error check_folder(const wchar_t *path)
{
    wchar_t folder[WIN_PATH_CHARS];
    wcscpy(folder, path);
    wchar_t *last = wcsrchr(folder, L'\\');
    if (last)
        last[1] = L'\0';
    DWORD attributes = GetFileAttributesW(folder);
    if (attributes == INVALID_FILE_ATTRIBUTES || !(attributes & FILE_ATTRIBUTE_DIRECTORY))
        return error_make(ERROR_NOT_FOUND, (int)GetLastError(),
                          "open the folder of the heartbeat file", NULL);
    return ERROR_OK;
}

/* Stamps of another machine's clock cannot date a beat here. */
static bool is_local(const wchar_t *path)
{
    wchar_t root[] = L"C:\\";
    const wchar_t *drive = wcsncmp(path, L"\\\\?\\", 4) == 0 ? path + 4 : path;
    if (drive[0] == L'\0' || drive[1] != L':')
        return false;
    root[0] = drive[0];
    return GetDriveTypeW(root) != DRIVE_REMOTE;
}

struct error os_beat_file_open(const char *path, uint32_t ward_uid, struct os_beat_file *out)
{
    wchar_t wide[WIN_PATH_CHARS];
    struct os_beat_file file = unopened;
    struct error error = os_path_absolute(path, file.path, sizeof file.path);
    if (error.code)
        return error;
    if (!win_path(path, wide))
        return error_make(ERROR_USAGE, ERROR_BAD_PATHNAME, what,
                          "give a path that Windows accepts");
    file.ward_uid = ward_uid;
    file.dated = is_local(wide);
    DWORD attributes = GetFileAttributesW(wide);
    error = attributes == INVALID_FILE_ATTRIBUTES ? check_folder(wide) : judge(attributes);
    if (!error.code)
        *out = file;
    return error;
}

struct error os_beat_file_make(struct os_beat_file *out)
{
    static const FILETIME long_ago = {(DWORD)(EPOCH_IN_TICKS & 0xffffffff),
                                      (DWORD)(EPOCH_IN_TICKS >> 32)};
    struct os_beat_file file = unopened;
    wchar_t wide[WIN_PATH_CHARS];
    struct error error = runtime_path("beat-", file.path, sizeof file.path);
    if (error.code)
        return error;
    HANDLE made = win_path(file.path, wide)
                      ? CreateFileW(wide, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                                    CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL)
                      : INVALID_HANDLE_VALUE;
    if (made == INVALID_HANDLE_VALUE)
        return win_failed("create a heartbeat file", NULL);
    SetFileTime(made, NULL, NULL, &long_ago);
    CloseHandle(made);
    file.ours = true;
    file.dated = is_local(wide);
    *out = file;
    return ERROR_OK;
}

void os_beat_file_admit(struct os_beat_file *file, const uint32_t *users, size_t count)
{
    (void)file;
    (void)users;
    (void)count;
}

/* ---- looking ---- */

struct stamps {
    int64_t written; /* ticks since 1601 */
    int64_t changed; /* 0 = not known */
    DWORD attributes;
};

static bool read_stamps(const wchar_t *path, struct stamps *out)
{
    FILE_BASIC_INFO info;
    HANDLE file = CreateFileW(
        path, FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
        OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return false;
    bool read = GetFileInformationByHandleEx(file, FileBasicInfo, &info, sizeof info);
    if (read)
        *out = (struct stamps){info.LastWriteTime.QuadPart, info.ChangeTime.QuadPart,
                               info.FileAttributes};
    CloseHandle(file);
    return read;
}

/* If the file cannot be opened at all, its folder entry still has the time of the last write. */
static bool read_entry(const wchar_t *path, struct stamps *out)
{
    WIN32_FIND_DATAW entry;
    HANDLE search = FindFirstFileW(path, &entry);
    if (search == INVALID_HANDLE_VALUE)
        return false;
    FindClose(search);
    *out = (struct stamps){(int64_t)win_time(entry.ftLastWriteTime), 0, entry.dwFileAttributes};
    return true;
}

static bool is_missing(DWORD code)
{
    return code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND ||
           code == ERROR_DELETE_PENDING;
}

static int64_t wall_ms(int64_t ticks)
{
    return (ticks - EPOCH_IN_TICKS) / TICKS_PER_MS;
}

static struct beat_observation observe(const struct os_beat_file *file, const struct stamps *stamps)
{
    bool dated = file->dated && stamps->changed > 0 && stamps->changed % FAT_STEP != 0;
    return (struct beat_observation){
        .kind = BEAT_STAMP,
        .stamp = stamps->written,
        .wall_ms = wall_ms(stamps->written),
        .lag_ms = ROUNDED_MS,
        .changed_ms = dated ? wall_ms(stamps->changed) + ROUNDED_MS : 0,
    };
}

struct error os_beat_file_look(struct os_beat_file *file, struct beat_observation *out)
{
    wchar_t path[WIN_PATH_CHARS];
    struct stamps stamps;
    if (!win_path(file->path, path))
        return error_make(ERROR_SYSTEM, ERROR_BAD_PATHNAME, what, NULL);
    bool there = read_stamps(path, &stamps);
    if (!there && !is_missing(GetLastError()))
        there = read_entry(path, &stamps);
    if (!there && !is_missing(GetLastError()))
        return win_failed(what, NULL);
    there = there && judge(stamps.attributes).code == ERROR_NONE;
    file->seen |= there;
    if (there)
        *out = observe(file, &stamps);
    else
        *out = (struct beat_observation){.kind = file->seen ? BEAT_LOST : BEAT_NONE};
    return ERROR_OK;
}

void os_beat_file_clear(struct os_beat_file *file)
{
    wchar_t path[WIN_PATH_CHARS];
    if (file->ours && win_path(file->path, path))
        DeleteFileW(path);
    if (file->ours)
        runtime_leave(file->path);
    file->ours = false;
}

void os_beat_file_close(struct os_beat_file *file)
{
    os_beat_file_clear(file);
    *file = unopened;
}
