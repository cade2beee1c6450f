#include "os/linux/runtime.h"

#include "os/linux/path.h"
#include "os/linux/place.h"
#include "os/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h> /* renameat */
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES            16
#define PAUSE_MS         1
#define ENTRY_NAME_BYTES 64
#define LEVELS           2 /* an entry for each guard, in a folder for all of them */
#define OPEN_MODE        (S_IRWXU | S_IXGRP | S_IXOTH)

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
    int entry;
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

static DIR *stream_of(int folder)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = copy >= 0 ? fdopendir(copy) : NULL;
    if (!stream && copy >= 0)
        close(copy);
    return stream;
}

/* What the ward put beside its heartbeat file (to rename it) goes, too. */
static void empty_out(int folder)
{
    DIR *stream = stream_of(folder);
    for (struct dirent *entry; stream && (entry = readdir(stream)) != NULL;)
        if (entry->d_type != DT_DIR)
            path_remove(folder, entry->d_name, 0);
    if (stream)
        closedir(stream);
}

/* Each guard has a share of its entry's lock as long as it lives. */
static void sweep_entry(int folder, const char *name)
{
    int entry = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (entry < 0)
        return;
    if (place_is_local(entry) && flock(entry, LOCK_EX | LOCK_NB) == 0) {
        empty_out(entry);
        path_remove(folder, name, AT_REMOVEDIR);
    }
    close(entry);
}

static void sweep(int folder)
{
    DIR *stream = stream_of(folder);
    for (struct dirent *entry; stream && (entry = readdir(stream)) != NULL;)
        if (is_name_of_ours(entry->d_name))
            sweep_entry(folder, entry->d_name);
    if (stream)
        closedir(stream);
}

static void sweep_candidate(struct attempt *attempt)
{
    struct place place;
    int folder = -1;
    if (!candidate_path(attempt->candidate, attempt->path, attempt->capacity) ||
        access(attempt->path, F_OK) < 0 ||
        place_open(attempt->path, false, "open the runtime folder", &place).code)
        return;
    if (place.found >= 0 && is_usable(attempt, &place) && !claim(&place, 0, &folder).code) {
        sweep(folder);
        path_remove(place.folder, place.name, AT_REMOVEDIR);
    }
    if (folder >= 0)
        close(folder);
    place_close(&place);
}

void runtime_sweep(void)
{
    char path[PATH_MAX];
    struct attempt attempt = {.path = path, .capacity = sizeof path};
    for (int candidate = GIVEN; candidate < UNTAKEN; candidate++) {
        attempt.candidate = (enum candidate)candidate;
        sweep_candidate(&attempt);
    }
}

/* ---- entering ---- */

static struct error enter(const struct place *place, mode_t mode, int *folder)
{
    bool is_new = mkdirat(place->folder, place->name, mode) == 0;
    if (!is_new && errno != EEXIST)
        return path_error(errno, "make the runtime folder");
    struct error error = claim(place, mode, folder);
    if (error.code && is_new) /* what is not used is not left */
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

/* It is made under another name than it gets: the one that a socket is bound to is no secret. */
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

/* Closing it lets go of the lock: what was made is nobody's then. */
static void drop_entry(struct attempt *attempt, int folder)
{
    if (attempt->entry >= 0)
        close(attempt->entry);
    attempt->entry = -1;
    sweep(folder);
}

static int make_within(struct attempt *attempt, int folder)
{
    size_t stem = strlen(attempt->path);
    if (!append_name(attempt))
        return ENAMETOOLONG;
    int failed = make_entry(folder, attempt->path + stem + 1, attempt->mode, &attempt->entry);
    return failed ? failed : fill_entry(attempt, folder, stem);
}

/* A folder that we may not enter is not ours to remove. */
static struct error make_in(struct attempt *attempt, const struct place *place)
{
    int folder = -1;
    struct error error = enter(place, attempt->mode, &folder);
    if (!error.code) {
        sweep(folder);
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
        *folder = attempt.entry;
    return error;
}

void runtime_clear(const char *path, os_handle folder)
{
    char named[PATH_MAX] = "";
    empty_out((int)folder);
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
