/* What a guard inherits from its caller, and closes. All our own descriptors are close-on-exec from
 * the start; inherited ones are not. */
#include "base/text.h"
#include "os/linux/handle.h"
#include "os/linux/proc.h"
#include "os/linux/sys.h"
#include "os/os.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRIES_BYTES 1024
#define FIRST_HANDLE  3

/* Points the standard streams before `end` to nowhere from now on. */
static void close_streams(int end)
{
    int null = end > 0 ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;
    if (null < 0 && end > 0)
        null = open("/", O_PATH | O_CLOEXEC);
    for (int fd = 0; fd < end; fd++)
        if (null >= 0 && null != fd)
            dup2(null, fd);
    if (null > 2)
        close(null);
}

static void drop_if_inherited(int fd)
{
    int flags = fd >= FIRST_HANDLE ? fcntl(fd, F_GETFD) : -1;
    if (flags >= 0 && !(flags & FD_CLOEXEC))
        close(fd);
}

/* Closing one entry while listing does not make the kernel skip another. */
static bool drop_listed(int folder)
{
    _Alignas(struct sys_entry) char entries[ENTRIES_BYTES];
    long got;
    while ((got = syscall(SYS_getdents64, folder, entries, sizeof entries)) > 0)
        for (long at = 0; at < got;) {
            const struct sys_entry *entry = (const struct sys_entry *)(entries + at);
            const char *name = entry->name;
            at += entry->length;
            if (*name >= '0' && *name <= '9')
                drop_if_inherited((int)text_number(&name));
        }
    return got == 0;
}

void os_drop_inherited(enum os_stream first_kept)
{
    int folder = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool told = folder >= 0 && drop_listed(folder);
    for (int fd = FIRST_HANDLE; !told && fd < UNLISTED_AT_MOST; fd++)
        drop_if_inherited(fd);
    if (folder >= 0)
        close(folder);
    close_streams((int)first_kept);
}

void os_leave_folder(void)
{
    if (chdir("/") < 0)
        return;
}

void os_close_standard(void)
{
    close_streams(3);
}

static bool leads_back(const char *path)
{
    struct stat named;
    struct stat own;
    return stat(path, &named) == 0 && stat(".", &own) == 0 && named.st_dev == own.st_dev &&
           named.st_ino == own.st_ino;
}

bool os_path_anchor(const char *path, char *out, size_t capacity)
{
    return path[0] == '/' || (getcwd(out, capacity) && leads_back(out) &&
                              !os_path_absolute(path, out, capacity).code);
}
