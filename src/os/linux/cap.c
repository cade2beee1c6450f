/* The cap. For root it is the pids controller (of cgroup v2 in the container's own folder, or a
 * folder in the v1 hierarchy). For other users it is a resource limit. */
#include "os/linux/cap.h"

#include "base/text.h"
#include "os/linux/proc.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES_AT_MOST 4

struct tally {
    uint32_t user;
    uint64_t count;
};

/* The limit counts threads, and a zombie, which has no threads, as one. */
static void count_row(void *context, const struct process_row *row)
{
    struct tally *tally = context;
    if (row->uid == tally->user)
        tally->count += row->threads > 0 ? row->threads : 1;
}

int cap_by_limit(uint64_t count)
{
    struct tally tally = {.user = getuid()};
    if (os_scan(SCAN_FULL, count_row, &tally).code)
        return -1;
    struct rlimit cap = {tally.count + count, tally.count + count};
    return setrlimit(RLIMIT_NPROC, &cap);
}

static int write_number(int folder, const char *name, uint64_t number)
{
    char text[TEXT_DECIMAL_BYTES];
    int fd = openat(folder, name, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t wrote = write(fd, text, text_decimal(text, number));
    close(fd);
    return wrote < 0 ? -1 : 0;
}

/* Made and locked like the container's own folder. */
static int make_locked(const char *path)
{
    int folder = -1;
    for (int tries = 0; folder < 0 && tries < TRIES_AT_MOST; tries++) {
        if (mkdir(path, 0711) < 0)
            return -1;
        folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder >= 0 && (flock(folder, LOCK_SH | LOCK_NB) < 0 || access(path, F_OK) < 0)) {
            close(folder); /* it was pruned before it was locked */
            folder = -1;
        }
    }
    return folder;
}

/* A folder with the container's name in the v1 hierarchy. Its path goes to
 * `container->cap_path`. */
static int make_v1_folder(struct os_container *container)
{
    const char *name = strrchr(container->path, '/');
    if (!name || sizeof PIDS_HIERARCHY + strlen(name) > sizeof container->cap_path) {
        errno = ENOENT;
        return -1;
    }
    strcpy(container->cap_path, PIDS_HIERARCHY);
    strcat(container->cap_path, name);
    int folder = make_locked(container->cap_path);
    if (folder < 0)
        container->cap_path[0] = '\0';
    return folder;
}

struct error os_container_cap(struct os_container *container, uint64_t count)
{
    if (container->handle != OS_NO_HANDLE &&
        write_number((int)container->handle, "pids.max", count) == 0)
        return ERROR_OK;
    int folder = make_v1_folder(container);
    int failed = folder < 0 ? -1 : write_number(folder, "pids.max", count);
    int os_code = errno;
    if (failed == 0)
        return ERROR_OK; /* the folder stays open, and locked, while any guard lives */
    if (folder >= 0)
        close(folder);
    return error_make(ERROR_UNSUPPORTED, os_code, "limit the number of processes",
                      "root is exempt from ulimit -u, and the pids controller of cgroups is not "
                      "usable here: run as another user");
}

int cap_join(const struct os_container *container)
{
    int folder = open(container->cap_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return -1;
    int joined = write_number(folder, "cgroup.procs", 0);
    close(folder);
    return joined;
}
