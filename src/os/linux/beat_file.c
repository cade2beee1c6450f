#include "os/linux/admission.h"
#include "os/linux/path.h"
#include "os/linux/place.h"
#include "os/linux/runtime.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* If the file is replaced while its watch is being moved, give up for this look after so many
 * tries. */
#define REARM_TRIES 4

#define BEAT_MODE (S_IRUSR | S_IWUSR)

static const struct os_beat_file unopened = {
    .folder = OS_NO_HANDLE, .watch = OS_NO_HANDLE, .watch_id = -1};

/* ---- whether the file can be trusted ---- */

static struct error unsafe(const char *what, const char *advice)
{
    return error_make(ERROR_UNSAFE, 0, what, advice);
}

static bool is_admitted(const struct os_beat_file *file, uint32_t user)
{
    for (size_t i = 0; i < file->admitted_count; i++)
        if (file->admitted[i] == user)
            return true;
    return user == file->ward_uid;
}

static bool is_trusted(const struct os_beat_file *file, const struct stat *stat)
{
    return S_ISREG(stat->st_mode) &&
           (stat->st_uid == geteuid() || stat->st_uid == 0 || is_admitted(file, stat->st_uid));
}

static struct error judge(const struct os_beat_file *file, const struct stat *stat)
{
    if (S_ISLNK(stat->st_mode))
        return unsafe("use a symlink as heartbeat file", "give the file that it points to");
    if (S_ISDIR(stat->st_mode))
        return unsafe("use a folder as heartbeat file", "give a file in it");
    if (!S_ISREG(stat->st_mode))
        return unsafe("use a device or pipe as heartbeat file", "give a regular file");
    if (!is_trusted(file, stat))
        return unsafe("use another user's file as heartbeat file",
                      "give a file that the ward's user owns, in a folder of that user");
    return ERROR_OK;
}

/* ---- noticing that the file goes away ----
 *
 * The inode is watched, not the folder: a busy /tmp would wake us at every deletion in it, and
 * IN_ATTRIB at every beat. The price: if another process holds the file open, its removal is found
 * only by the next look. If the file is ours, the folder is quiet and is watched. */

static int watch_add(struct os_beat_file *file)
{
    char path[PATH_OF_FD_BYTES + 1 + sizeof file->name];
    uint32_t mask = file->ours ? IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR
                               : IN_DELETE_SELF | IN_MOVE_SELF | IN_DONT_FOLLOW;
    path_of_fd(path, (int)file->folder);
    path_append(path, sizeof path, "/");
    if (!file->ours)
        path_append(path, sizeof path, file->name);
    return inotify_add_watch((int)file->watch, path, mask);
}

/* Reads the queued events. True if the watch has fired and a new one is needed. */
static bool watch_spent(struct os_beat_file *file)
{
    union {
        struct inotify_event align;
        char bytes[1024];
    } queue;
    bool spent = false;
    ssize_t got;
    if (file->watch == OS_NO_HANDLE)
        return false;
    while ((got = read((int)file->watch, &queue, sizeof queue)) > 0)
        for (ssize_t at = 0; at < got;) {
            struct inotify_event event;
            memcpy(&event, queue.bytes + at, sizeof event);
            at += (ssize_t)(sizeof event + event.len);
            spent |= event.wd == file->watch_id && !file->ours;
        }
    return spent;
}

static void watch_drop(struct os_beat_file *file)
{
    if (file->watch_id >= 0)
        inotify_rm_watch((int)file->watch, file->watch_id);
    file->watch_id = -1;
}

/* True if the watch was put on `inode` just now: the file may have gone in between. */
static bool watch_follow(struct os_beat_file *file, ino_t inode)
{
    if (file->watch == OS_NO_HANDLE || file->ours ||
        (file->watch_id >= 0 && file->watched_inode == inode))
        return false;
    watch_drop(file);
    file->watch_id = watch_add(file);
    file->watched_inode = inode;
    return file->watch_id >= 0;
}

/* ---- opening ---- */

static struct error name_file(struct os_beat_file *file, const char *path)
{
    const char *name = path_name(path);
    if (*name == '\0')
        return unsafe("use a folder as heartbeat file", "give a file in it");
    if (!path_append(file->name, sizeof file->name, name))
        return path_error(ENAMETOOLONG, "use the path of the heartbeat file");
    return os_path_absolute(path, file->path, sizeof file->path);
}

/* Without a watch, the next look finds that the file has gone away. */
static void start_watching(struct os_beat_file *file)
{
    file->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (file->watch < 0)
        file->watch = OS_NO_HANDLE;
    else if (file->ours)
        file->watch_id = watch_add(file);
}

/* Removing the file kills the tree. Without the sticky bit, any user may remove it. */
static struct error judge_folder(const struct stat *folder)
{
    if (folder->st_mode & S_IWOTH && !(folder->st_mode & S_ISVTX))
        return unsafe("use a heartbeat file that every user may remove:",
                      "give a file in a folder of the ward's user");
    return ERROR_OK;
}

static struct error judge_place(const struct os_beat_file *file, const struct place *place)
{
    struct error error = place->found >= 0 ? judge(file, &place->about) : ERROR_OK;
    if (!error.code)
        error = judge_folder(&place->about_folder);
    if (!error.code && place->found < 0 && faccessat(place->folder, ".", W_OK, AT_EACCESS) < 0 &&
        errno == EROFS)
        error = path_error(errno, "create the heartbeat file");
    return error;
}

struct error os_beat_file_open(const char *path, uint32_t ward_uid, struct os_beat_file *out)
{
    struct place place;
    struct os_beat_file file = unopened;
    struct error error = name_file(&file, path);
    if (error.code)
        return error;
    file.ward_uid = ward_uid;
    error = place_open(path, false, "open the folder of the heartbeat file", &place);
    if (error.code)
        return error;
    error = judge_place(&file, &place);
    if (!error.code) {
        file.folder = place.folder;
        place.folder = -1;
        file.dated = place_is_local((int)file.folder);
        start_watching(&file);
        *out = file;
    }
    place_close(&place);
    return error;
}

static int make_beat(void *context, int folder, const char *path)
{
    const struct timespec long_ago[2] = {{0, 0}, {0, 0}};
    int made = openat(folder, path_name(path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                      BEAT_MODE);
    (void)context;
    if (made < 0)
        return errno;
    fchmod(made, BEAT_MODE); /* whatever the umask */
    futimens(made, long_ago);
    close(made);
    return 0;
}

struct error os_beat_file_make(struct os_beat_file *out)
{
    static const struct runtime_maker maker = {
        .prefix = "beat", .what = "create a heartbeat file", .make = make_beat};
    struct os_beat_file file = unopened;
    struct error error = runtime_make(&maker, file.path, sizeof file.path, &file.folder);
    if (error.code)
        return error;
    file.ours = true;
    file.ward_uid = geteuid();
    path_append(file.name, sizeof file.name, path_name(file.path));
    file.dated = place_is_local((int)file.folder);
    start_watching(&file);
    *out = file;
    return ERROR_OK;
}

void os_beat_file_admit(struct os_beat_file *file, const uint32_t *users, size_t count)
{
    file->admitted_count = count < OS_ADMITTED_USERS ? count : OS_ADMITTED_USERS;
    memcpy(file->admitted, users, file->admitted_count * sizeof *users);
    if (file->ours)
        admission_give((int)file->folder, file->name, file->admitted, file->admitted_count);
}

/* ---- looking ---- */

static int64_t wall_ns(const struct timespec *time)
{
    int64_t ns;
    if (__builtin_mul_overflow((int64_t)time->tv_sec, 1000000000, &ns) ||
        __builtin_add_overflow(ns, (int64_t)time->tv_nsec, &ns))
        return time->tv_sec < 0 ? INT64_MIN : INT64_MAX;
    return ns;
}

/* The kernel stamps with a clock that lags by up to a tick, and we round down to milliseconds
 * twice. The beat may have been later by at most this much, so a ward is never killed too early. */
static int64_t stamp_lag_ms(void)
{
    struct timespec tick = {0};
    clock_getres(CLOCK_REALTIME_COARSE, &tick);
    return (tick.tv_nsec + 999999) / 1000000 + 2;
}

/* Another file in its place is a beat too, even with the same time. A stamp in whole seconds comes
 * from a file system that stores no fractions. */
static struct beat_observation observe(const struct os_beat_file *file, const struct stat *stat)
{
    uint64_t inode = (uint64_t)stat->st_ino * 0x9e3779b97f4a7c15;
    bool dated = file->dated && stat->st_ctim.tv_nsec != 0;
    int64_t lag_ms = stamp_lag_ms();
    return (struct beat_observation){
        .kind = BEAT_STAMP,
        .stamp = (int64_t)((uint64_t)wall_ns(&stat->st_mtim) ^ inode),
        .wall_ms = wall_ns(&stat->st_mtim) / 1000000,
        .lag_ms = lag_ms,
        .changed_ms = dated ? wall_ns(&stat->st_ctim) / 1000000 + lag_ms : 0,
    };
}

struct error os_beat_file_look(struct os_beat_file *file, struct beat_observation *out)
{
    struct stat stat;
    bool there = false;
    for (int tries = 0; tries < REARM_TRIES; tries++) {
        while (watch_spent(file)) /* again: removing a watch queues an event of its own */
            watch_drop(file);
        there = fstatat((int)file->folder, file->name, &stat, AT_SYMLINK_NOFOLLOW) == 0;
        if (!there && errno != ENOENT && errno != ENOTDIR)
            return path_error(errno, "check the heartbeat file");
        there = there && is_trusted(file, &stat);
        if (!there || !watch_follow(file, stat.st_ino))
            break;
    }
    file->seen |= there;
    if (there)
        *out = observe(file, &stat);
    else
        *out = (struct beat_observation){.kind = file->seen ? BEAT_LOST : BEAT_NONE};
    return ERROR_OK;
}

void os_beat_file_clear(struct os_beat_file *file)
{
    if (file->folder == OS_NO_HANDLE || !file->ours)
        return;
    runtime_clear(file->path, file->folder);
    file->ours = false;
}

void os_beat_file_close(struct os_beat_file *file)
{
    if (file->folder == OS_NO_HANDLE)
        return;
    os_beat_file_clear(file);
    if (file->watch != OS_NO_HANDLE)
        close((int)file->watch);
    close((int)file->folder);
    *file = unopened;
}
