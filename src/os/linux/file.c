#include "base/sink.h"
#include "os/linux/bytes.h"
#include "os/linux/path.h"
#include "os/linux/place.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* renameat */
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_BYTES 4096

#define DISPLACED (-1) /* not an errno */

static const char *const what = "write the file";

enum target_kind {
    TARGET_NEW,     /* nothing exists there */
    TARGET_REGULAR, /* replaced by rename */
    TARGET_SPECIAL, /* a device or pipe: written into */
    TARGET_OURS,    /* our own stdout or stderr, of any kind: written into in place */
    TARGET_FOREIGN, /* another user may have planted it: never written into, and nothing of it is
                       kept */
};

struct target {
    enum target_kind kind;
    int stream; /* TARGET_OURS: 1 or 2 */
    struct place place;
};

/* ---- finding what exists ---- */

static bool is_stream(struct target *target)
{
    const struct stat *there = &target->place.about;
    struct stat stream;
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
        if (fstat(fd, &stream) == 0 && stream.st_dev == there->st_dev &&
            stream.st_ino == there->st_ino) {
            target->stream = fd;
            return true;
        }
    return false;
}

/* A file reached through procfs has no name here by which it could be replaced. */
static enum target_kind kind_of(struct target *target)
{
    const struct place *place = &target->place;
    if (place->found < 0)
        return TARGET_NEW;
    if (is_stream(target))
        return TARGET_OURS;
    if (place_is_foreign(place))
        return TARGET_FOREIGN;
    return S_ISREG(place->about.st_mode) && place->name[0] ? TARGET_REGULAR : TARGET_SPECIAL;
}

static struct error folder_error(void)
{
    return error_make(ERROR_USAGE, EISDIR, what, "give a file, not a folder");
}

static struct error find_target(const char *path, struct target *target)
{
    struct error error = place_open(path, true, what, &target->place);
    const struct place *place = &target->place;
    if (error.code)
        return error;
    bool folder = place->found < 0 ? place->name[0] == '\0' : S_ISDIR(place->about.st_mode);
    if (folder) {
        place_close(&target->place);
        return folder_error();
    }
    target->kind = kind_of(target);
    return ERROR_OK;
}

static struct error file_error(int os_code)
{
    if (os_code == 0)
        return ERROR_OK;
    if (os_code == EISDIR)
        return folder_error();
    if (os_code == DISPLACED)
        return error_make(ERROR_UNSAFE, EPERM, "keep a file that another user moved away:",
                          "choose a folder that others may not write to");
    if (os_code == ENXIO || os_code == EPIPE || os_code == ETIMEDOUT)
        return error_make(ERROR_SYSTEM, os_code, what, "open the pipe for reading, or give a file");
    return path_error(os_code, what);
}

/* ---- writing into an existing file ---- */

/* Reopened by descriptor: the name may be another file's by now. */
static int reopen(const struct target *target)
{
    int flags = O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    char path[PATH_OF_FD_BYTES];
    path_of_fd(path, target->place.found);
    return open(path, target->kind == TARGET_REGULAR ? flags | O_TRUNC : flags);
}

static int write_into(const struct target *target, bytes_writer *write, void *context)
{
    int fd =
        target->kind == TARGET_OURS ? fcntl(target->stream, F_DUPFD_CLOEXEC, 3) : reopen(target);
    if (fd < 0)
        return errno;
    int failed = bytes_write(fd, write, context);
    if (close(fd) < 0 && !failed && target->kind == TARGET_REGULAR)
        failed = errno;
    return failed;
}

/* ---- replacing ---- */

struct replacement {
    int fd;
    char name[64];
};

/* If the old report was private, the new one is private from its first byte. */
static int begin(const struct target *target, struct replacement *out)
{
    struct replacement made = {.name = ".treefall-"};
    mode_t mode = target->kind == TARGET_REGULAR ? target->place.about.st_mode & 0666 : 0666;
    path_append_random(made.name, sizeof made.name, 8);
    made.fd = openat(target->place.folder, made.name,
                     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    *out = made;
    return made.fd < 0 ? errno : 0;
}

/* Only for our own file. Another user's file does not keep its owner: what we write is ours. If the
 * group cannot be kept, the group gets no access. */
static int keep_group_and_mode(const struct target *target, int fd)
{
    const struct stat *old = &target->place.about;
    mode_t mode = old->st_mode & 0777;
    if (target->kind != TARGET_REGULAR || old->st_uid != geteuid())
        return 0;
    if (geteuid() == 0 && fchown(fd, (uid_t)-1, old->st_gid) < 0)
        mode &= ~(mode_t)S_IRWXG;
    return fchmod(fd, mode) < 0 ? errno : 0;
}

/* Some disks report only on close that they are full. */
static int flush_disk(int fd)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    return copy >= 0 && close(copy) < 0 ? errno : 0;
}

/* In a folder where other users may rename files, another file may have replaced ours before or
 * after ours got its name. */
static int check_arrival(const struct place *place, int fd)
{
    struct stat own;
    struct stat named;
    if (place_is_safe(place))
        return 0;
    bool ours = fstat(fd, &own) == 0 &&
                fstatat(place->folder, place->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
                own.st_dev == named.st_dev && own.st_ino == named.st_ino;
    return ours ? 0 : DISPLACED;
}

static int put_in_place(const struct place *place, const struct replacement *made)
{
    int failed = flush_disk(made->fd);
    if (failed)
        return failed;
    if (renameat(place->folder, made->name, place->folder, place->name) < 0)
        return errno == ENOENT ? DISPLACED : errno;
    return check_arrival(place, made->fd);
}

/* On a mount point, or in a folder that is not ours, the file itself may still be ours to write.
 * But in a folder that others write to, the name may be a hard link that another user made. */
static bool may_write_into(const struct target *target, int failed)
{
    const struct place *place = &target->place;
    char path[PATH_OF_FD_BYTES];
    path_of_fd(path, place->found);
    return target->kind == TARGET_REGULAR &&
           (failed == EBUSY || failed == EACCES || failed == EPERM || failed == EROFS) &&
           place_is_certain(place) && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
}

static int replace_once(const struct target *target, bytes_writer *write, void *context)
{
    struct replacement made;
    int failed = begin(target, &made);
    if (failed)
        return failed;
    failed = keep_group_and_mode(target, made.fd);
    if (!failed)
        failed = bytes_write(made.fd, write, context);
    if (!failed)
        failed = put_in_place(&target->place, &made);
    if (failed)
        path_remove(target->place.folder, made.name, 0);
    close(made.fd);
    return failed;
}

/* Tried twice, like the walk to the file: a sentinel's report is written now or never, and no user
 * is told that it was not. */
static int replace(const struct target *target, bytes_writer *write, void *context)
{
    int failed = replace_once(target, write, context);
    if (failed && failed != DISPLACED)
        failed = replace_once(target, write, context);
    return may_write_into(target, failed) ? write_into(target, write, context) : failed;
}

struct error os_file_replace(const char *path, bytes_writer *write, void *context)
{
    struct target target;
    struct error error = find_target(path, &target);
    if (error.code && error.code != ERROR_UNSAFE)
        error = find_target(path, &target);
    if (error.code)
        return error;
    bool directly = target.kind == TARGET_OURS || target.kind == TARGET_SPECIAL;
    error = file_error(directly ? write_into(&target, write, context)
                                : replace(&target, write, context));
    place_close(&target.place);
    return error;
}

/* ---- checking beforehand ---- */

static void write_block(void *context, struct sink *sink)
{
    (void)context;
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        sink_text(sink, " ");
}

/* Writes a test file: permissions alone do not show a full or read-only disk. */
static int try_replacing(const struct target *target)
{
    struct replacement made;
    int failed = begin(target, &made);
    if (failed)
        return failed;
    path_remove(target->place.folder, made.name, 0);
    failed = bytes_write(made.fd, write_block, NULL);
    if (close(made.fd) < 0 && !failed)
        failed = errno;
    return failed;
}

/* In a folder like /tmp only the owner of a file may replace it. */
static bool is_stuck(const struct target *target)
{
    const struct stat *folder = &target->place.about_folder;
    return target->kind == TARGET_REGULAR && geteuid() != 0 && folder->st_mode & S_ISVTX &&
           folder->st_uid != geteuid() && target->place.about.st_uid != geteuid();
}

static int try_opening(const struct target *target)
{
    char path[PATH_OF_FD_BYTES];
    path_of_fd(path, target->place.found);
    return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0 ? errno : 0;
}

static struct error try_target(const struct target *target)
{
    if (target->kind == TARGET_OURS)
        return ERROR_OK;
    if (target->kind == TARGET_FOREIGN)
        return error_make(ERROR_UNSAFE, EPERM, "write to a file that another user may have put at",
                          "remove it, or choose a folder that others may not write to");
    if (target->kind == TARGET_SPECIAL)
        return file_error(try_opening(target));
    int failed = is_stuck(target) ? EPERM : try_replacing(target);
    return file_error(may_write_into(target, failed) ? 0 : failed);
}

struct error os_file_writable(const char *path)
{
    struct target target;
    struct error error = find_target(path, &target);
    if (error.code)
        return error;
    error = try_target(&target);
    place_close(&target.place);
    return error;
}
