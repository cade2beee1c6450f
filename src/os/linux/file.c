#include "core/sink.h"
#include "os/linux/path.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h> /* renameat */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_BYTES 4096 /* PIPE_BUF: a pipe that is ready takes it whole */
#define PATIENCE_MS  2000 /* with a reader that does not read */

static const char *const what = "write the file";

typedef void file_writer(void *context, struct sink *sink);

enum target_kind {
    TARGET_NEW,     /* nothing is there */
    TARGET_REGULAR, /* replaced by rename */
    TARGET_SPECIAL, /* a device, a pipe: written into */
    TARGET_OURS,    /* our own stdout or stderr, whatever it is: written into, where it stands */
};

struct target {
    enum target_kind kind;
    int stream; /* TARGET_OURS: 1 or 2 */
    struct stat stat;
    char path[PATH_MAX]; /* symlinks followed */
};

/* ---- what is there ---- */

static bool is_stream(struct target *target)
{
    struct stat stream;
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
        if (fstat(fd, &stream) == 0 && stream.st_dev == target->stat.st_dev &&
            stream.st_ino == target->stat.st_ino) {
            target->stream = fd;
            return true;
        }
    return false;
}

/* Where a symlink ends: what it leads to is replaced, not the link. */
static int follow(const char *path, struct target *target)
{
    struct stat stat;
    if (lstat(path, &stat) < 0 || !S_ISLNK(stat.st_mode))
        return 0;
    return realpath(path, target->path) ? 0 : errno;
}

static int examine(int opened, const char *path, struct target *target)
{
    if (fstat(opened, &target->stat) < 0)
        return errno;
    if (S_ISDIR(target->stat.st_mode))
        return EISDIR;
    target->kind = is_stream(target)               ? TARGET_OURS
                   : S_ISREG(target->stat.st_mode) ? TARGET_REGULAR
                                                   : TARGET_SPECIAL;
    return target->kind == TARGET_REGULAR ? follow(path, target) : 0;
}

static int find_target(const char *path, struct target *target)
{
    *target = (struct target){.kind = TARGET_NEW};
    if (*path_name(path) == '\0')
        return EISDIR;
    if (!path_append(target->path, sizeof target->path, path))
        return ENAMETOOLONG;
    int opened = open(path, O_PATH | O_CLOEXEC);
    if (opened < 0)
        return errno == ENOENT ? 0 : errno;
    int failed = examine(opened, path, target);
    close(opened);
    return failed;
}

static struct error file_error(int os_code)
{
    if (os_code == 0)
        return ERROR_OK;
    if (os_code == EISDIR)
        return error_make(ERROR_USAGE, os_code, what, "name a file, not a folder");
    if (os_code == ENXIO || os_code == EPIPE || os_code == ETIMEDOUT)
        return error_make(ERROR_SYSTEM, os_code, what, "let somebody read it, or name a file");
    return path_error(os_code, what);
}

/* ---- the bytes ---- */

struct output {
    int fd;
    int os_code;
};

static int wait_writable(int fd)
{
    struct pollfd polled = {.fd = fd, .events = POLLOUT};
    int ready;
    do
        ready = poll(&polled, 1, PATIENCE_MS);
    while (ready < 0 && errno == EINTR);
    if (ready == 0)
        return ETIMEDOUT;
    return polled.revents & POLLOUT ? 0 : EPIPE;
}

static bool flush(void *context, const char *bytes, size_t count)
{
    struct output *output = context;
    while (count > 0) {
        output->os_code = wait_writable(output->fd);
        if (output->os_code)
            return false;
        ssize_t wrote = write(output->fd, bytes, count);
        if (wrote < 0 && errno != EINTR && errno != EAGAIN) {
            output->os_code = errno;
            return false;
        }
        bytes += wrote > 0 ? wrote : 0;
        count -= wrote > 0 ? (size_t)wrote : 0;
    }
    return true;
}

static int produce(int fd, file_writer *write, void *context)
{
    char buffer[BUFFER_BYTES];
    struct output output = {fd, 0};
    struct sink sink = {
        .flush = flush, .context = &output, .buffer = buffer, .capacity = sizeof buffer};
    write(context, &sink);
    if (sink_finish(&sink))
        return 0;
    return output.os_code ? output.os_code : EIO;
}

/* ---- writing into what is there ---- */

/* A reader that went away must not end us. */
static int produce_quietly(int fd, file_writer *write, void *context)
{
    const struct timespec at_once = {0, 0};
    sigset_t pipe_signal, before, pending;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    sigpending(&pending);
    sigprocmask(SIG_BLOCK, &pipe_signal, &before);
    int failed = produce(fd, write, context);
    if (failed == EPIPE && !sigismember(&pending, SIGPIPE))
        sigtimedwait(&pipe_signal, NULL, &at_once);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return failed;
}

static int write_into(const struct target *target, file_writer *write, void *context)
{
    int flags = O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    int fd = target->kind == TARGET_OURS      ? fcntl(target->stream, F_DUPFD_CLOEXEC, 3)
             : target->kind == TARGET_REGULAR ? open(target->path, flags | O_TRUNC | O_NOFOLLOW)
                                              : open(target->path, flags);
    if (fd < 0)
        return errno;
    int failed = produce_quietly(fd, write, context);
    if (close(fd) < 0 && !failed && target->kind == TARGET_REGULAR)
        failed = errno;
    return failed;
}

/* ---- replacing ---- */

struct replacement {
    int folder;
    int fd;
    char name[64];
};

static int begin(const struct target *target, struct replacement *out)
{
    struct replacement made = {.folder = path_open_folder(target->path), .name = ".treefall-"};
    if (made.folder < 0)
        return errno;
    path_append_random(made.name, sizeof made.name, 8);
    made.fd =
        openat(made.folder, made.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (made.fd < 0) {
        int failed = errno;
        close(made.folder);
        return failed;
    }
    *out = made;
    return 0;
}

/* A report that was private stays so. */
static int keep_owner_and_mode(const struct target *target, int fd)
{
    if (target->kind != TARGET_REGULAR)
        return 0;
    if (geteuid() == 0 && fchown(fd, target->stat.st_uid, target->stat.st_gid) < 0)
        return errno;
    return fchmod(fd, target->stat.st_mode & 0777) < 0 ? errno : 0;
}

static int finish(const struct target *target, struct replacement *made, int failed)
{
    if (close(made->fd) < 0 && !failed)
        failed = errno; /* some disks tell only now that they are full */
    if (!failed && renameat(made->folder, made->name, made->folder, path_name(target->path)) < 0)
        failed = errno;
    if (failed)
        unlinkat(made->folder, made->name, 0);
    close(made->folder);
    return failed;
}

/* A mount point, a folder that is not ours: the file itself may still be. */
static bool may_write_into(const struct target *target, int failed)
{
    return target->kind == TARGET_REGULAR &&
           (failed == EBUSY || failed == EACCES || failed == EPERM || failed == EROFS) &&
           faccessat(AT_FDCWD, target->path, W_OK, AT_EACCESS) == 0;
}

static int replace(const struct target *target, file_writer *write, void *context)
{
    struct replacement made = {.folder = -1, .fd = -1};
    int failed = begin(target, &made);
    if (!failed) {
        failed = keep_owner_and_mode(target, made.fd);
        if (!failed)
            failed = produce(made.fd, write, context);
        failed = finish(target, &made, failed);
    }
    return may_write_into(target, failed) ? write_into(target, write, context) : failed;
}

struct error os_file_replace(const char *path, file_writer *write, void *context)
{
    struct target target;
    int failed = find_target(path, &target);
    if (failed)
        return file_error(failed);
    if (target.kind == TARGET_OURS || target.kind == TARGET_SPECIAL)
        return file_error(write_into(&target, write, context));
    return file_error(replace(&target, write, context));
}

/* ---- asking beforehand ---- */

/* Tries it: permissions alone do not tell of a full or read-only disk. */
static int try_replacing(const struct target *target)
{
    static const char block[BUFFER_BYTES];
    struct replacement made = {.folder = -1, .fd = -1};
    int failed = begin(target, &made);
    if (failed)
        return failed;
    unlinkat(made.folder, made.name, 0);
    ssize_t wrote = write(made.fd, block, sizeof block);
    failed = wrote < 0 ? errno : wrote < (ssize_t)sizeof block ? ENOSPC : 0;
    if (close(made.fd) < 0 && !failed)
        failed = errno;
    close(made.folder);
    return failed;
}

/* In a folder like /tmp only the owner of a file may replace it. */
static bool is_stuck(const struct target *target)
{
    struct stat folder;
    int opened = path_open_folder(target->path);
    if (opened < 0)
        return false;
    bool stuck = target->kind == TARGET_REGULAR && geteuid() != 0 && fstat(opened, &folder) == 0 &&
                 (folder.st_mode & S_ISVTX) && folder.st_uid != geteuid() &&
                 target->stat.st_uid != geteuid();
    close(opened);
    return stuck;
}

static struct error look_writable(const char *path)
{
    struct target target;
    int failed = find_target(path, &target);
    if (failed || target.kind == TARGET_OURS)
        return file_error(failed);
    if (target.kind == TARGET_SPECIAL)
        return file_error(faccessat(AT_FDCWD, target.path, W_OK, AT_EACCESS) < 0 ? errno : 0);
    failed = is_stuck(&target) ? EPERM : try_replacing(&target);
    return file_error(may_write_into(&target, failed) ? 0 : failed);
}

/* A limit of file sizes must not end us before we could say so. */
struct error os_file_writable(const char *path)
{
    const struct timespec at_once = {0, 0};
    sigset_t size_signal;
    sigset_t before;
    sigemptyset(&size_signal);
    sigaddset(&size_signal, SIGXFSZ);
    sigprocmask(SIG_BLOCK, &size_signal, &before);
    struct error error = look_writable(path);
    sigtimedwait(&size_signal, NULL, &at_once);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return error;
}
