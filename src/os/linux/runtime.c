#include "os/linux/runtime.h"

#include "os/linux/path.h"
#include "os/linux/place.h"
#include "os/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES     16
#define PAUSE_MS  1
#define OPEN_MODE (S_IRWXU | S_IXGRP | S_IXOTH)

/* ---- which folder ---- */

enum candidate {
    GIVEN,   /* the session's, by the environment: what the login manager made for this user */
    SESSION, /* the session's, by its usual path */
    RUN,
    TMP,
    SHM,
    UNTAKEN, /* after another user took the plain name */
    CANDIDATES,
};

struct attempt {
    const struct runtime_maker *maker;
    char *path;
    size_t capacity;
    enum candidate candidate;
    mode_t mode; /* of the folder */
    int folder;
};

static bool shared_path(char *path, size_t capacity, const char *base)
{
    return path_append(path, capacity, base) && path_append(path, capacity, "/treefall-") &&
           path_append_number(path, capacity, geteuid());
}

static bool given_path(char *path, size_t capacity)
{
    const char *given = os_setting("XDG_RUNTIME_DIR");
    return given && given[0] == '/' && path_append(path, capacity, given) &&
           path_append(path, capacity, "/treefall");
}

static bool candidate_path(enum candidate candidate, char *path, size_t capacity)
{
    path[0] = '\0';
    switch (candidate) {
    case GIVEN:
        return given_path(path, capacity);
    case SESSION:
        return path_append(path, capacity, "/run/user/") &&
               path_append_number(path, capacity, geteuid()) &&
               path_append(path, capacity, "/treefall");
    case RUN:
        return geteuid() == 0 && shared_path(path, capacity, "/run");
    case TMP:
        return shared_path(path, capacity, "/tmp");
    case SHM:
        return shared_path(path, capacity, "/dev/shm");
    default:
        return shared_path(path, capacity, "/tmp") && path_append(path, capacity, "-") &&
               path_append_random(path, capacity, 8);
    }
}

/* A folder of ours that no other user can list or change. */
static bool is_private(const struct stat *about)
{
    return S_ISDIR(about->st_mode) && about->st_uid == geteuid() && (about->st_mode & 066) == 0;
}

/* The ward goes there by path: no other user may rename anything on it. */
static bool is_usable(const struct attempt *attempt, const struct place *place)
{
    bool in_session = attempt->candidate == GIVEN || attempt->candidate == SESSION;
    bool opens = attempt->mode & S_IXOTH;
    return place->safe && (!in_session || is_private(&place->about_folder)) &&
           (!opens || place->passable);
}

/* ---- entering ---- */

/* An umask may have taken rights away. A folder that is open by path only has no other way to them.
 */
static int give_rights(int folder, const struct stat *about, mode_t mode)
{
    char path[PATH_OF_FD_BYTES];
    path_of_fd(path, folder);
    if ((about->st_mode & mode) == mode)
        return 0;
    return chmod(path, (about->st_mode & OPEN_MODE) | mode) < 0 ? errno : 0;
}

static struct error claim(const struct place *place, mode_t mode, int *folder)
{
    struct stat about;
    *folder = openat(place->folder, place->name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*folder < 0 || fstat(*folder, &about) < 0)
        return path_error(errno, "open the runtime folder");
    if (!is_private(&about) || !place_is_own(*folder, &about))
        return error_make(ERROR_UNSAFE, 0, "use the runtime folder",
                          "remove what another user put in its place, or set XDG_RUNTIME_DIR to a "
                          "folder of your own (mode 0700)");
    return path_error(give_rights(*folder, &about, mode), "open the runtime folder");
}

/* ---- what killed guards left ---- */

static bool is_name_of_ours(const char *name)
{
    size_t digits = (size_t)2 * RUNTIME_RANDOM_BYTES;
    size_t length = strlen(name);
    return length > digits && strspn(name + length - digits, "0123456789abcdef") == digits &&
           name[length - digits - 1] == '-';
}

static void sweep(int folder)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = copy >= 0 ? fdopendir(copy) : NULL;
    if (!stream && copy >= 0)
        close(copy);
    for (struct dirent *entry; stream && (entry = readdir(stream)) != NULL;)
        if (is_name_of_ours(entry->d_name))
            path_remove(folder, entry->d_name, 0);
    if (stream)
        closedir(stream);
}

/* Guards share the folder's lock for as long as one of them lives. Alone in it, we find what is
 * left of guards that were all killed; one that comes meanwhile makes nothing before it has its
 * share. Only on a file system of this machine does the lock speak for every guard. */
static int share(int folder)
{
    if (!place_is_local(folder))
        return 0;
    if (flock(folder, LOCK_EX | LOCK_NB) == 0)
        sweep(folder);
    return flock(folder, LOCK_SH | LOCK_NB) < 0 ? errno : 0;
}

static struct error enter(const struct place *place, mode_t mode, int *folder)
{
    int claimed = -1;
    bool is_new = mkdirat(place->folder, place->name, mode) == 0;
    if (!is_new && errno != EEXIST)
        return path_error(errno, "make the runtime folder");
    struct error error = claim(place, mode, &claimed);
    if (!error.code) {
        *folder = openat(claimed, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int failed = *folder < 0 ? errno : share(*folder);
        error = path_error(failed, "open the runtime folder");
    }
    if (claimed >= 0)
        close(claimed);
    if (error.code && is_new) /* what is not used is not left */
        path_remove(place->folder, place->name, AT_REMOVEDIR);
    return error;
}

/* ---- making ---- */

static struct error make_in(struct attempt *attempt, const struct place *place)
{
    const struct runtime_maker *maker = attempt->maker;
    struct error error = enter(place, attempt->mode, &attempt->folder);
    if (error.code)
        return error;
    if (!path_append(attempt->path, attempt->capacity, "/") ||
        !path_append(attempt->path, attempt->capacity, maker->prefix) ||
        !path_append_random(attempt->path, attempt->capacity, RUNTIME_RANDOM_BYTES))
        return path_error(ENAMETOOLONG, maker->what);
    return path_error(maker->make(maker->context, attempt->folder, attempt->path), maker->what);
}

/* A folder that we did not enter is not ours to remove. */
static void give_up(struct attempt *attempt, const struct place *place)
{
    if (attempt->folder < 0)
        return;
    close(attempt->folder);
    attempt->folder = -1;
    path_remove(place->folder, place->name, AT_REMOVEDIR);
}

/* Another guard may remove the empty folder before something is made in it, or look through it. */
static bool is_passing(struct error error)
{
    return error.os_code == ENOENT || error.os_code == EWOULDBLOCK;
}

static struct error no_folder(void)
{
    return error_make(ERROR_NOT_FOUND, 0, "find a runtime folder",
                      "set XDG_RUNTIME_DIR to a folder of your own (mode 0700)");
}

static struct error try_candidate(struct attempt *attempt)
{
    struct place place;
    struct error error = place_open(attempt->path, false, "open the runtime folder", &place);
    if (error.code)
        return error;
    size_t length = strlen(attempt->path);
    error = no_folder();
    for (int tries = 0; is_usable(attempt, &place) && tries < TRIES; tries++) {
        attempt->path[length] = '\0';
        error = make_in(attempt, &place);
        if (error.code)
            give_up(attempt, &place);
        if (!error.code || !is_passing(error))
            break;
        poll(NULL, 0, PAUSE_MS);
    }
    place_close(&place);
    return error;
}

static struct error try_all(struct attempt *attempt)
{
    struct error error = no_folder();
    for (int candidate = GIVEN; candidate < CANDIDATES && error.code; candidate++) {
        attempt->candidate = (enum candidate)candidate;
        if (candidate_path(attempt->candidate, attempt->path, attempt->capacity))
            error = try_candidate(attempt);
    }
    return error;
}

/* A ward of root's may become another user, which goes there, too: so root looks for a folder that
 * every user can reach before it takes a private one. Nobody else can list it. */
struct error runtime_make(const struct runtime_maker *maker, char *path, size_t capacity,
                          os_handle *folder)
{
    struct attempt attempt = {maker, path, capacity, GIVEN, OPEN_MODE, -1};
    struct error error = no_folder();
    if (geteuid() == 0)
        error = try_all(&attempt);
    attempt.mode = S_IRWXU;
    if (error.code)
        error = try_all(&attempt);
    if (!error.code)
        *folder = attempt.folder;
    return error;
}

void runtime_clear(const char *path, os_handle folder)
{
    char named[PATH_MAX] = "";
    const char *slash = strrchr(path, '/');
    path_remove((int)folder, path_name(path), 0);
    if (!slash || (size_t)(slash - path) >= sizeof named)
        return;
    memcpy(named, path, (size_t)(slash - path));
    path_remove(AT_FDCWD, named, AT_REMOVEDIR);
}
