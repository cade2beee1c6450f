#include "os/linux/cgroup.h"

#include "base/text.h"
#include "os/linux/path.h"
#include "os/linux/proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#define CGROUP2_MAGIC 0x63677270
#define DEPTH_AT_MOST 64

static const char *const mounts[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};

const char *cgroup_mount(void)
{
    struct statfs found;
    for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++)
        if (statfs(mounts[i], &found) == 0 && found.f_type == CGROUP2_MAGIC)
            return mounts[i];
    return NULL;
}

const char *cgroup_path(int32_t pid, char *text, size_t capacity)
{
    if (proc_read(pid, "cgroup", text, capacity) <= 0)
        return NULL;
    char *at = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
    if (!at)
        return NULL;
    at += at == text ? 3 : 4;
    at[strcspn(at, "\n")] = '\0';
    return strcmp(at, "/") == 0 ? "" : at;
}

static struct error unsupported(const char *advice)
{
    return error_make(ERROR_UNSUPPORTED, 0, "create a cgroup", advice);
}

static const char *refusal(int os_code)
{
    switch (os_code) {
    case EROFS:
        return "cgroup v2 is mounted read-only: mount it writable (in a container, with a cgroup "
               "namespace of its own)";
    case ENOTSUP:
        return "cgroup.kill is missing: use Linux 5.14 or later";
    case EMFILE:
    case ENFILE:
        return "no descriptor is left: raise the limit of open files (ulimit -n)";
    case EACCES:
    case EPERM:
        return geteuid() == 0 ? "this root user may not create a cgroup here: run as root of the "
                                "host, or have a cgroup delegated to this container"
                              : "run as root, or in a delegated cgroup (systemd-run --user --scope "
                                "-p Delegate=yes)";
    default:
        return "the kernel refused to create a cgroup here (see its limits cgroup.max.descendants "
               "and cgroup.max.depth)";
    }
}

struct error cgroup_failed(int os_code)
{
    return error_make(ERROR_DENIED, os_code, "create a cgroup", refusal(os_code));
}

struct error cgroup_folder(char *path, size_t capacity)
{
    char text[4096];
    const char *mount = cgroup_mount();
    const char *below = mount ? cgroup_path(0, text, sizeof text) : NULL;
    path[0] = '\0';
    if (!mount)
        return unsupported("no cgroup v2 is mounted: mount it on /sys/fs/cgroup (mount -t cgroup2 "
                           "none /sys/fs/cgroup)");
    if (!below)
        return unsupported("treefall's own cgroup is unknown: mount procfs on /proc");
    if (strncmp(below, "/..", 3) == 0)
        return unsupported("treefall's cgroup is outside the part that is mounted here: give the "
                           "container a cgroup namespace of its own");
    bool fits = path_append(path, capacity, mount) && path_append(path, capacity, below);
    return fits ? ERROR_OK : cgroup_failed(ENAMETOOLONG);
}

/* If the folder is gone, its members are gone too. */
static bool tell_members(int folder, void (*member)(void *context, int32_t pid), void *context)
{
    char text[4096];
    int fd = openat(folder, "cgroup.procs", O_RDONLY | O_CLOEXEC);
    ssize_t got;
    size_t kept = 0;
    if (fd < 0)
        return errno == ENOENT;
    while ((got = read(fd, text + kept, sizeof text - 1 - kept)) > 0 ||
           (got < 0 && errno == EINTR)) {
        const char *at = text;
        if (got < 0)
            continue;
        text[kept + (size_t)got] = '\0';
        for (const char *end; (end = strchr(at, '\n')) != NULL; at = end + 1)
            member(context, (int32_t)text_number(&at));
        kept = strlen(at);
        memmove(text, at, kept);
    }
    bool whole = got == 0 || errno == ENODEV;
    close(fd);
    return whole;
}

static bool tell_tree(int parent, const char *name, int depth,
                      void (*member)(void *context, int32_t pid), void *context)
{
    int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (folder < 0)
        return errno == ENOENT;
    bool whole = tell_members(folder, member, context);
    DIR *stream = fdopendir(folder);
    if (!stream) {
        close(folder);
        return false;
    }
    for (struct dirent *entry; (errno = 0, entry = readdir(stream)) != NULL;)
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            whole &= depth < DEPTH_AT_MOST &&
                     tell_tree(folder, entry->d_name, depth + 1, member, context);
    whole &= errno == 0;
    closedir(stream);
    return whole;
}

bool cgroup_members(const char *path, void (*member)(void *context, int32_t pid), void *context)
{
    return tell_tree(AT_FDCWD, path, 0, member, context);
}

/* Removes the deepest first. A folder with members fails with EBUSY and stays. */
static void remove_below(int parent, const char *name, int depth)
{
    if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || depth >= DEPTH_AT_MOST)
        return;
    int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *stream = folder >= 0 ? fdopendir(folder) : NULL;
    if (!stream) {
        if (folder >= 0)
            close(folder);
        return;
    }
    for (struct dirent *entry; (entry = readdir(stream)) != NULL;)
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            remove_below(folder, entry->d_name, depth + 1);
    closedir(stream);
    path_remove(parent, name, AT_REMOVEDIR);
}

void cgroup_remove(int parent, const char *name)
{
    remove_below(parent, name, 0);
}
