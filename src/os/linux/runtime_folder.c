#include "os/linux/runtime_folder.h"

#include "base/text.h"
#include "os/linux/path.h"
#include "os/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- which folder ---- */

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

bool runtime_candidate_path(enum runtime_candidate candidate, char *path, size_t capacity)
{
    path[0] = '\0';
    switch (candidate) {
    case RUNTIME_GIVEN:
        return given_path(path, capacity);
    case RUNTIME_SESSION:
        return path_append(path, capacity, "/run/user/") &&
               path_append_number(path, capacity, geteuid()) &&
               path_append(path, capacity, "/treefall");
    case RUNTIME_RUN:
        return geteuid() == 0 && shared_path(path, capacity, "/run");
    case RUNTIME_TMP:
        return shared_path(path, capacity, "/tmp");
    case RUNTIME_SHM:
        return shared_path(path, capacity, "/dev/shm");
    default:
        return shared_path(path, capacity, "/tmp") && path_append(path, capacity, "-") &&
               path_append_random(path, capacity, 8);
    }
}

/* Whether the folder is ours and no other user can list or change it. */
static bool is_private(const struct stat *about)
{
    return S_ISDIR(about->st_mode) && about->st_uid == geteuid() && (about->st_mode & 066) == 0;
}

/* The ward uses the folder by path: no other user may rename anything on that path. */
bool runtime_is_usable(enum runtime_candidate candidate, const struct place *place, mode_t mode)
{
    bool in_session = candidate == RUNTIME_GIVEN || candidate == RUNTIME_SESSION;
    bool opens = mode & S_IXOTH;
    return place->safe && (!in_session || is_private(&place->about_folder)) &&
           (!opens || place->passable);
}

/* ---- entering ---- */

/* A umask may have removed rights. If a folder is open by path only (O_PATH), there is no other way
 * to set them. */
static int give_rights(int folder, const struct stat *about, mode_t mode)
{
    char path[PATH_OF_FD_BYTES];
    path_of_fd(path, folder);
    if ((about->st_mode & mode) == mode)
        return 0;
    return chmod(path, (about->st_mode & RUNTIME_OPEN_MODE) | mode) < 0 ? errno : 0;
}

struct error runtime_claim(const struct place *place, mode_t mode, int *folder)
{
    struct stat about;
    *folder = openat(place->folder, place->name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*folder < 0 || fstat(*folder, &about) < 0)
        return path_error(errno, "open the runtime folder");
    if (!is_private(&about) || !place_is_own(*folder, &about))
        return error_make(ERROR_UNSAFE, 0, "use the runtime folder",
                          "remove the file or folder that another user put in its place, or set "
                          "XDG_RUNTIME_DIR to a folder of your own (mode 0700)");
    return path_error(give_rights(*folder, &about, mode), "open the runtime folder");
}

/* ---- leftovers of killed guards ---- */

static bool is_name_of_ours(const char *name)
{
    size_t digits = (size_t)2 * RUNTIME_RANDOM_BYTES;
    size_t length = strlen(name);
    return length > digits && text_is_hex(name + length - digits, digits) &&
           name[length - digits - 1] == '-';
}

/* A temporary file that the ward put beside its heartbeat file (to rename it) is removed too. */
void runtime_empty(int folder)
{
    DIR *stream = path_stream(folder);
    for (struct dirent *entry; stream && (entry = readdir(stream)) != NULL;)
        if (entry->d_type != DT_DIR)
            path_remove(folder, entry->d_name, 0);
    if (stream)
        closedir(stream);
}

/* Each guard holds a shared lock on its entry as long as it lives. */
static void sweep_entry(int folder, const char *name)
{
    int entry = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (entry < 0)
        return;
    if (place_is_local(entry) && flock(entry, LOCK_EX | LOCK_NB) == 0) {
        runtime_empty(entry);
        path_remove(folder, name, AT_REMOVEDIR);
    }
    close(entry);
}

void runtime_sweep_folder(int folder)
{
    DIR *stream = path_stream(folder);
    for (struct dirent *entry; stream && (entry = readdir(stream)) != NULL;)
        if (is_name_of_ours(entry->d_name))
            sweep_entry(folder, entry->d_name);
    if (stream)
        closedir(stream);
}

static void sweep_candidate(enum runtime_candidate candidate)
{
    struct place place;
    char path[PATH_MAX];
    int folder = -1;
    if (!runtime_candidate_path(candidate, path, sizeof path) || access(path, F_OK) < 0 ||
        place_open(path, false, "open the runtime folder", &place).code)
        return;
    if (place.found >= 0 && runtime_is_usable(candidate, &place, 0) &&
        !runtime_claim(&place, 0, &folder).code) {
        runtime_sweep_folder(folder);
        path_remove(place.folder, place.name, AT_REMOVEDIR);
    }
    if (folder >= 0)
        close(folder);
    place_close(&place);
}

void runtime_sweep(void)
{
    for (int candidate = RUNTIME_GIVEN; candidate < RUNTIME_UNTAKEN; candidate++)
        sweep_candidate((enum runtime_candidate)candidate);
}
