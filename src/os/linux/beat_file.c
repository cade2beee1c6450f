#include "os/linux/path.h"
#include "os/linux/proc.h"
#include "os/linux/runtime.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif
#ifndef F2FS_SUPER_MAGIC
#define F2FS_SUPER_MAGIC 0xF2F52010
#endif
#define ZFS_MAGIC      0x2fc12fc1
#define BCACHEFS_MAGIC 0xca451a4e

/* A file that is replaced while its watch moves on to it: give up for this look. */
#define REARM_TRIES 4

static const struct os_beat_file unopened = {
    .folder = OS_NO_HANDLE, .watch = OS_NO_HANDLE, .watch_id = -1};

/* ---- is it a file that we may trust ---- */

static struct error unsafe(const char *what, const char *advice)
{
    return error_make(ERROR_UNSAFE, 0, what, advice);
}

static bool is_trusted(const struct os_beat_file *file, const struct stat *stat)
{
    return S_ISREG(stat->st_mode) &&
           (stat->st_uid == geteuid() || stat->st_uid == 0 || stat->st_uid == file->ward_uid);
}

static struct error judge(const struct os_beat_file *file, const struct stat *stat)
{
    if (S_ISLNK(stat->st_mode))
        return unsafe("use a symlink as heartbeat file", "name the file that it leads to");
    if (S_ISDIR(stat->st_mode))
        return unsafe("use a folder as heartbeat file", "name a file in it");
    if (!S_ISREG(stat->st_mode))
        return unsafe("use a device or pipe as heartbeat file", "name a regular file");
    if (!is_trusted(file, stat))
        return unsafe("use another user's file as heartbeat file",
                      "name a file that the ward's user owns, in a folder of its own");
    return ERROR_OK;
}

/* On these the stamps are read off this machine's clock and keep nanoseconds. */
static bool is_dated_system(int folder)
{
    static const unsigned long magics[] = {
        EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,       BTRFS_SUPER_MAGIC, TMPFS_MAGIC,   RAMFS_MAGIC,
        F2FS_SUPER_MAGIC, OVERLAYFS_SUPER_MAGIC, ZFS_MAGIC,         BCACHEFS_MAGIC};
    struct statfs system;
    if (fstatfs(folder, &system) < 0)
        return false;
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if ((unsigned long)system.f_type == magics[i])
            return true;
    return false;
}

/* ---- noticing that it goes away ----
 * The inode is watched, not the folder: a busy /tmp would wake us at every deletion in it, and
 * IN_ATTRIB at every beat. The price: the removal of a file that somebody holds open is found by
 * the next look, unless the file is ours: then the folder is quiet, and is watched. */

static int watch_add(struct os_beat_file *file)
{
    char path[64 + sizeof file->name];
    uint32_t mask = file->ours ? IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR
                               : IN_DELETE_SELF | IN_MOVE_SELF | IN_DONT_FOLLOW;
    path[0] = '\0';
    path_append(path, sizeof path, "/proc/self/fd/");
    path_append_number(path, sizeof path, (unsigned)file->folder);
    path_append(path, sizeof path, "/");
    if (!file->ours)
        path_append(path, sizeof path, file->name);
    return inotify_add_watch((int)file->watch, path, mask);
}

/* Takes what is queued. True if the watch has done its work and a new one is due. */
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

/* True if the watch was put on `inode` just now: then it may have gone in between. */
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
        return unsafe("use a folder as heartbeat file", "name a file in it");
    if (!path_append(file->name, sizeof file->name, name))
        return path_error(ENAMETOOLONG, "name the heartbeat file");
    return os_path_absolute(path, file->path, sizeof file->path);
}

/* Without a watch a file that goes away is found by the next look. */
static void start_watching(struct os_beat_file *file)
{
    file->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (file->watch < 0)
        file->watch = OS_NO_HANDLE;
    else if (file->ours)
        file->watch_id = watch_add(file);
}

struct error os_beat_file_open(const char *path, uint32_t ward_uid, struct os_beat_file *out)
{
    struct stat stat;
    struct os_beat_file file = unopened;
    struct error error = name_file(&file, path);
    if (error.code)
        return error;
    file.ward_uid = ward_uid;
    file.folder = path_open_folder(path);
    if (file.folder < 0)
        return path_error(errno, "open the folder of the heartbeat file");
    if (fstatat((int)file.folder, file.name, &stat, AT_SYMLINK_NOFOLLOW) == 0)
        error = judge(&file, &stat);
    else if (errno != ENOENT)
        error = path_error(errno, "look at the heartbeat file");
    else if (faccessat((int)file.folder, ".", W_OK, AT_EACCESS) < 0 && errno == EROFS)
        error = path_error(errno, "make the heartbeat file");
    if (error.code) {
        close((int)file.folder);
        return error;
    }
    file.dated = is_dated_system((int)file.folder);
    start_watching(&file);
    *out = file;
    return ERROR_OK;
}

static struct error create(struct os_beat_file *file)
{
    const struct timespec long_ago[2] = {{0, 0}, {0, 0}};
    int made = -1;
    for (int tries = 0; tries < RUNTIME_TRIES; tries++) {
        struct error error = runtime_path("beat-", file->path, sizeof file->path);
        if (error.code)
            return error;
        made = open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (made >= 0 || errno != ENOENT)
            break;
    }
    if (made < 0) {
        struct error error = path_error(errno, "make a heartbeat file");
        runtime_leave(file->path);
        return error;
    }
    futimens(made, long_ago);
    close(made);
    return ERROR_OK;
}

struct error os_beat_file_make(struct os_beat_file *out)
{
    struct os_beat_file file = unopened;
    struct error error = create(&file);
    if (error.code)
        return error;
    file.ours = true;
    file.ward_uid = geteuid();
    path_append(file.name, sizeof file.name, path_name(file.path));
    file.folder = path_open_folder(file.path);
    if (file.folder < 0) {
        error = path_error(errno, "open the runtime folder");
        path_remove(AT_FDCWD, file.path, 0);
        runtime_leave(file.path);
        return error;
    }
    file.dated = is_dated_system((int)file.folder);
    start_watching(&file);
    *out = file;
    return ERROR_OK;
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

/* Another file in its place is a beat, too, even with the same time. A stamp of whole seconds
 * comes from a file system that keeps no more. */

/* The kernel stamps with a clock that lags by up to a tick; we round down to milliseconds twice.
 * The beat was at this moment at the latest: a ward never falls early. */
static int64_t latest_ms(const struct timespec *stamp)
{
    struct timespec tick = {0};
    clock_getres(CLOCK_REALTIME_COARSE, &tick);
    return (wall_ns(stamp) + tick.tv_nsec) / 1000000 + 2;
}
static struct beat_observation observe(const struct os_beat_file *file, const struct stat *stat)
{
    uint64_t inode = (uint64_t)stat->st_ino * 0x9e3779b97f4a7c15;
    bool dated = file->dated && stat->st_ctim.tv_nsec != 0;
    return (struct beat_observation){
        .kind = BEAT_STAMP,
        .stamp = (int64_t)((uint64_t)wall_ns(&stat->st_mtim) ^ inode),
        .wall_ms = wall_ns(&stat->st_mtim) / 1000000,
        .changed_ms = dated ? latest_ms(&stat->st_ctim) : 0,
    };
}

struct error os_beat_file_look(struct os_beat_file *file, struct beat_observation *out)
{
    struct stat stat;
    bool there = false;
    for (int tries = 0; tries < REARM_TRIES; tries++) {
        while (watch_spent(file)) /* again: dropping tells of itself */
            watch_drop(file);
        there = fstatat((int)file->folder, file->name, &stat, AT_SYMLINK_NOFOLLOW) == 0;
        if (!there && errno != ENOENT && errno != ENOTDIR)
            return path_error(errno, "look at the heartbeat file");
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

void os_beat_file_close(struct os_beat_file *file)
{
    if (file->folder == OS_NO_HANDLE)
        return;
    if (file->watch != OS_NO_HANDLE)
        close((int)file->watch);
    if (file->ours)
        path_remove((int)file->folder, file->name, 0);
    close((int)file->folder);
    if (file->ours)
        runtime_leave(file->path);
    *file = unopened;
}
