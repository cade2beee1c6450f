#include "os/linux/runtime.h"

#include "os/linux/path.h"
#include "os/linux/place.h"
#include "os/linux/runtime_folder.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h> /* renameat */
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES            16
#define PAUSE_MS         1
#define ENTRY_NAME_BYTES 64
#define LEVELS           2 /* an entry for each guard, in a folder for all of them */

struct attempt {
    const struct runtime_maker *maker;
    char *path;
    size_t capacity;
    enum runtime_candidate candidate;
    mode_t mode; /* of the folder */
    int entry;
};

/* ---- entering ---- */

static struct error enter(const struct place *place, mode_t mode, int *folder)
{
    bool is_new = mkdirat(place->folder, place->name, mode) == 0;
    if (!is_new && errno != EEXIST)
        return path_error(errno, "create the runtime folder");
    struct error error = runtime_claim(place, mode, folder);
    if (error.code && is_new) /* remove what is not used */
        path_remove(place->folder, place->name, AT_REMOVEDIR);
    return error;
}

static bool is_there(int folder, const char *name)
{
    return faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ENOENT: another guard removed it before it was locked. */
static int make_entry(int folder, const char *name, mode_t mode, int *entry)
{
    if (mkdirat(folder, name, mode) < 0)
        return errno;
    /* whatever the umask */
    int failed = fchmodat(folder, name, mode, 0) < 0 ? errno : 0;
    *entry = failed ? -1 : openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!failed && *entry < 0)
        failed = errno;
    if (!failed && place_is_local(*entry) && flock(*entry, LOCK_SH | LOCK_NB) < 0)
        failed = errno;
    if (!failed && !is_there(folder, name))
        failed = ENOENT;
    if (failed)
        path_remove(folder, name, AT_REMOVEDIR);
    return failed;
}

/* ---- making ---- */

static bool append_name(struct attempt *attempt)
{
    return path_append(attempt->path, attempt->capacity, "/") &&
           path_append(attempt->path, attempt->capacity, attempt->maker->prefix) &&
           path_append(attempt->path, attempt->capacity, "-") &&
           path_append_random(attempt->path, attempt->capacity, RUNTIME_RANDOM_BYTES);
}

static bool append_leaf(struct attempt *attempt)
{
    return path_append(attempt->path, attempt->capacity, "/") &&
           path_append(attempt->path, attempt->capacity, attempt->maker->prefix);
}

/* The entry is made under a temporary name: the name that a socket is bound to is not secret. */
static int rename_entry(struct attempt *attempt, int folder, size_t stem)
{
    char made[ENTRY_NAME_BYTES] = "";
    if (!path_append(made, sizeof made, attempt->path + stem + 1))
        return ENAMETOOLONG;
    made[strcspn(made, "/")] = '\0';
    attempt->path[stem] = '\0';
    if (!append_name(attempt))
        return ENAMETOOLONG;
    return renameat(folder, made, folder, attempt->path + stem + 1) < 0 ? errno : 0;
}

static int fill_entry(struct attempt *attempt, int folder, size_t stem)
{
    const struct runtime_maker *maker = attempt->maker;
    int failed = append_leaf(attempt) ? maker->make(maker->context, attempt->entry, attempt->path)
                                      : ENAMETOOLONG;
    if (!failed)
        failed = rename_entry(attempt, folder, stem);
    return failed || append_leaf(attempt) ? failed : ENAMETOOLONG;
}

/* Closing the entry releases its lock: the sweep then removes its contents. */
static void drop_entry(struct attempt *attempt, int folder)
{
    if (attempt->entry >= 0)
        close(attempt->entry);
    attempt->entry = -1;
    runtime_sweep_folder(folder);
}

static int make_within(struct attempt *attempt, int folder)
{
    size_t stem = strlen(attempt->path);
    if (!append_name(attempt))
        return ENAMETOOLONG;
    int failed = make_entry(folder, attempt->path + stem + 1, attempt->mode, &attempt->entry);
    return failed ? failed : fill_entry(attempt, folder, stem);
}

/* If we may not enter a folder, it is not ours to remove. */
static struct error make_in(struct attempt *attempt, const struct place *place)
{
    int folder = -1;
    struct error error = enter(place, attempt->mode, &folder);
    if (!error.code) {
        runtime_sweep_folder(folder);
        error = path_error(make_within(attempt, folder), attempt->maker->what);
        if (error.code) {
            drop_entry(attempt, folder);
            path_remove(place->folder, place->name, AT_REMOVEDIR);
        }
    }
    if (folder >= 0)
        close(folder);
    return error;
}

/* Another guard may remove the empty folder before something is made in it, or may be sweeping
 * it. */
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
    for (int tries = 0;
         runtime_is_usable(attempt->candidate, &place, attempt->mode) && tries < TRIES; tries++) {
        attempt->path[length] = '\0';
        error = make_in(attempt, &place);
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
    for (int candidate = RUNTIME_GIVEN; candidate < RUNTIME_CANDIDATES && error.code; candidate++) {
        attempt->candidate = (enum runtime_candidate)candidate;
        if (runtime_candidate_path(attempt->candidate, attempt->path, attempt->capacity))
            error = try_candidate(attempt);
    }
    return error;
}

/* A ward of root's may become another user, which uses the folder too. So root prefers a folder
 * that every user can reach to a private one. No other user can list it. */
struct error runtime_make(const struct runtime_maker *maker, char *path, size_t capacity,
                          os_handle *folder)
{
    struct attempt attempt = {.maker = maker, .capacity = capacity, .mode = RUNTIME_OPEN_MODE};
    attempt.path = path;
    attempt.entry = -1;
    struct error error = no_folder();
    if (geteuid() == 0)
        error = try_all(&attempt);
    attempt.mode = S_IRWXU;
    if (error.code)
        error = try_all(&attempt);
    if (!error.code)
        *folder = attempt.entry;
    return error;
}

void runtime_clear(const char *path, os_handle folder)
{
    char named[PATH_MAX] = "";
    runtime_empty((int)folder);
    if (!path_append(named, sizeof named, path))
        return;
    for (int level = 0; level < LEVELS; level++) {
        char *slash = strrchr(named, '/');
        if (!slash)
            return;
        *slash = '\0';
        path_remove(AT_FDCWD, named, AT_REMOVEDIR);
    }
}
