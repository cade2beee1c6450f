/* A cgroup (v2) of the guard's own, below our present one. */
#include "base/text.h"
#include "os/linux/cap.h"
#include "os/linux/cgroup.h"
#include "os/linux/path.h"
#include "os/linux/ready.h"
#include "os/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define EMPTY_MS       1000
#define SPARING_MS     50
#define TRIES_AT_MOST  4
#define PREFIX         "treefall-"
#define PRUNED_AT_MOST 64

/* The guards hold the lock as long as one of them lives: it tells the folder of a run from a
 * leftover. */
static void lock(int folder)
{
    while (flock(folder, LOCK_SH | LOCK_NB) < 0 && errno == EINTR)
        ;
}

/* The folder in `path`, which ends with PREFIX. ENOENT: another process pruned the folder before it
 * was locked. Other users may read its files by their path, but may not open the folder: a user who
 * can open it can lock it. */
static int make_folder(const char *path)
{
    if (mkdir(path, 0711) < 0)
        return -1;
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int os_code = errno;
    if (folder >= 0) {
        lock(folder);
        if (faccessat(folder, "cgroup.kill", W_OK, 0) == 0)
            return folder;
        os_code = access(path, F_OK) < 0 ? errno : ENOTSUP;
        close(folder);
    }
    path_remove(AT_FDCWD, path, AT_REMOVEDIR);
    errno = os_code;
    return -1;
}

struct error os_container_make(struct os_container *out)
{
    struct os_container made = {.handle = OS_NO_HANDLE};
    struct error error = cgroup_folder(made.path, sizeof made.path - 32);
    if (error.code)
        return error;
    if (!path_append(made.path, sizeof made.path - 32, "/" PREFIX))
        return cgroup_failed(ENAMETOOLONG);
    size_t stem = strlen(made.path);
    for (int tries = 0; made.handle == OS_NO_HANDLE && tries < TRIES_AT_MOST; tries++) {
        made.path[stem] = '\0';
        path_append_random(made.path, sizeof made.path, 8);
        made.handle = make_folder(made.path);
        if (made.handle < 0 && errno != ENOENT)
            break;
    }
    if (made.handle < 0)
        return cgroup_failed(errno == ENOENT ? EBUSY : errno);
    *out = made;
    return ERROR_OK;
}

struct error os_container_kill(const struct os_container *container)
{
    int fd = openat((int)container->handle, "cgroup.kill", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return error_make(ERROR_SYSTEM, errno, "open cgroup.kill", NULL);
    ssize_t wrote = write(fd, "1", 1);
    int os_code = errno;
    close(fd);
    /* A threaded cgroup fails with EOPNOTSUPP: the other routes kill it. */
    return wrote == 1 ? ERROR_OK : error_make(ERROR_SYSTEM, os_code, "write cgroup.kill", NULL);
}

bool os_container_has(const struct os_container *container, int32_t pid)
{
    char text[4096];
    const char *path = cgroup_path(pid, text, sizeof text);
    const char *mount = cgroup_mount();
    if (!path || !mount || container->handle == OS_NO_HANDLE)
        return false;
    const char *ours = container->path + strlen(mount);
    size_t length = strlen(ours);
    return strncmp(path, ours, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

bool os_container_members(const struct os_container *container,
                          void (*member)(void *context, int32_t pid), void *context)
{
    return cgroup_members(container->path, member, context);
}

static bool is_populated(int events)
{
    char text[512];
    ssize_t got = pread(events, text, sizeof text - 1, 0);
    text[got > 0 ? got : 0] = '\0';
    return strstr(text, "populated 1") != NULL;
}

/* A killed task counts until it has exited. The folder is opened by path, because the guards share
 * their descriptors, and a dead guard may have closed this one. A folder that is gone was empty. */
bool os_container_is_empty(const struct os_container *container, int64_t until_ms)
{
    struct clock_reading now;
    bool populated;
    char path[sizeof container->path + 16];
    memcpy(path, container->path, sizeof container->path);
    path_append(path, sizeof path, "/cgroup.events");
    int events = open(path, O_RDONLY | O_CLOEXEC);
    if (events < 0)
        return errno == ENOENT;
    while ((populated = is_populated(events))) {
        os_clock(&now);
        if (now.now_ms >= until_ms ||
            ready_within(events, POLLPRI, (int)(until_ms - now.now_ms)) <= 0)
            break;
    }
    close(events);
    return !populated;
}

void os_container_clear(struct os_container *container)
{
    if (container->path[0] != '\0' && unlinkat(AT_FDCWD, container->path, AT_REMOVEDIR) < 0) {
        struct clock_reading now;
        os_clock(&now);
        os_container_is_empty(container, now.now_ms + (container->spares ? SPARING_MS : EMPTY_MS));
        cgroup_remove(AT_FDCWD, container->path);
    }
    if (container->cap_path[0] != '\0')
        cgroup_remove(AT_FDCWD, container->cap_path);
    container->path[0] = container->cap_path[0] = '\0';
}

void os_container_remove(struct os_container *container)
{
    os_handle_close(&container->handle);
    os_container_clear(container);
    *container = (struct os_container){.handle = OS_NO_HANDLE};
}

/* While we hold the lock of a run that is over, no guard puts a process into its folder. And the
 * kernel never removes a folder with a process in it. A run that has just made its folder and not
 * locked it yet finds the folder gone, and makes another. */
static bool prune(int parent, const char *name)
{
    int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (folder < 0)
        return false;
    bool over = flock(folder, LOCK_EX | LOCK_NB) == 0;
    if (over)
        cgroup_remove(parent, name);
    close(folder);
    return over && faccessat(parent, name, F_OK, 0) < 0;
}

/* Checks our whole naming scheme: an administrator's folder may begin like ours. */
static bool is_named_by_us(const char *name)
{
    const size_t prefix = sizeof PREFIX - 1;
    return strncmp(name, PREFIX, prefix) == 0 && text_is_hex(name + prefix, 16);
}

/* A folder has two links of its own, and one for each folder in it. */
static bool has_folders(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 && found.st_nlink > 2;
}

static size_t prune_in(const char *path)
{
    size_t pruned = 0;
    size_t tried = 0;
    DIR *stream = has_folders(path) ? opendir(path) : NULL;
    for (struct dirent *entry; stream && tried < PRUNED_AT_MOST && (entry = readdir(stream));) {
        if (entry->d_type != DT_DIR || !is_named_by_us(entry->d_name))
            continue;
        tried++;
        pruned += prune(dirfd(stream), entry->d_name);
    }
    if (stream)
        closedir(stream);
    return pruned;
}

size_t os_container_prune(void)
{
    char path[sizeof((struct os_container *)0)->path];
    size_t pruned = cgroup_folder(path, sizeof path).code ? 0 : prune_in(path);
    return pruned + prune_in(PIDS_HIERARCHY);
}

/* The exit of a holder never kills a cgroup's members. */
void os_container_spare(struct os_container *container)
{
    container->spares = true;
}
