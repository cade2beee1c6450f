#include "os/linux/runtime.h"

#include "os/linux/path.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RANDOM_BYTES 16 /* 128 bits */

/* A folder of ours that nobody else can enter. */
static bool is_private(const char *path)
{
    struct stat stat;
    return lstat(path, &stat) == 0 && S_ISDIR(stat.st_mode) && stat.st_uid == geteuid() &&
           (stat.st_mode & 077) == 0;
}

/* Others cannot rename what is in it away from its owner. */
static bool is_shared_safely(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode) &&
           ((info.st_mode & 022) == 0 || (info.st_mode & S_ISVTX) != 0);
}

static struct error claim(const char *path)
{
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return path_error(errno, "make the runtime folder");
    if (!is_private(path))
        return error_make(ERROR_UNSAFE, 0, "use the runtime folder",
                          "remove what another user put in its place, or set XDG_RUNTIME_DIR to a "
                          "folder of your own (mode 0700)");
    return ERROR_OK;
}

/* The folder of the session: what the login manager made for this user. */
static bool session_folder(char *path, size_t capacity, bool by_environment)
{
    const char *given = by_environment ? getenv("XDG_RUNTIME_DIR") : NULL;
    path[0] = '\0';
    if (by_environment && (!given || given[0] != '/' || !path_append(path, capacity, given)))
        return false;
    if (!by_environment && !(path_append(path, capacity, "/run/user/") &&
                             path_append_number(path, capacity, geteuid())))
        return false;
    return is_private(path) && path_append(path, capacity, "/treefall");
}

/* Below a folder that all share; after somebody took the plain name, under a random one. */
static bool shared_folder(char *path, size_t capacity, const char *base, bool plain)
{
    path[0] = '\0';
    return is_shared_safely(base) && path_append(path, capacity, base) &&
           path_append(path, capacity, "/treefall-") &&
           path_append_number(path, capacity, geteuid()) &&
           (plain || (path_append(path, capacity, "-") && path_append_random(path, capacity, 8)));
}

static bool candidate(int number, char *path, size_t capacity)
{
    switch (number) {
    case 0:
        return session_folder(path, capacity, true);
    case 1:
        return session_folder(path, capacity, false);
    case 2:
        return geteuid() == 0 && shared_folder(path, capacity, "/run", true);
    case 3:
        return shared_folder(path, capacity, "/tmp", true);
    case 4:
        return shared_folder(path, capacity, "/dev/shm", true);
    default:
        return shared_folder(path, capacity, "/tmp", false);
    }
}

struct error os_runtime_folder(char *path, size_t capacity)
{
    char found[PATH_MAX];
    size_t room = capacity < sizeof found ? capacity : sizeof found;
    struct error error = error_make(ERROR_NOT_FOUND, 0, "find a runtime folder",
                                    "set XDG_RUNTIME_DIR to a folder of your own (mode 0700)");
    for (int number = 0; number <= 5; number++) {
        if (!candidate(number, found, room))
            continue;
        error = claim(found);
        if (error.code == ERROR_NONE) {
            memcpy(path, found, strlen(found) + 1);
            return ERROR_OK;
        }
    }
    return error;
}

struct error runtime_path(const char *prefix, char *path, size_t capacity)
{
    char made[PATH_MAX];
    size_t tail = strlen("/") + strlen(prefix) + (size_t)2 * RANDOM_BYTES;
    size_t room = capacity < sizeof made ? capacity : sizeof made;
    struct error error = os_runtime_folder(made, room - tail);
    if (error.code)
        return error;
    path_append(made, sizeof made, "/");
    path_append(made, sizeof made, prefix);
    path_append_random(made, sizeof made, RANDOM_BYTES);
    memcpy(path, made, strlen(made) + 1);
    return ERROR_OK;
}

void runtime_leave(const char *path)
{
    char folder[PATH_MAX] = "";
    const char *slash = strrchr(path, '/');
    if (!slash || (size_t)(slash - path) >= sizeof folder)
        return;
    memcpy(folder, path, (size_t)(slash - path));
    path_remove(AT_FDCWD, folder, AT_REMOVEDIR);
}
