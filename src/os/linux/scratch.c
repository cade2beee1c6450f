#include "os/linux/path.h"
#include "os/linux/place.h"
#include "os/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_AT_MOST 64
#define OTHERS_WRITE  (S_IWGRP | S_IWOTH)

static bool is_own_name(const char *name)
{
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static bool is_empty(int folder)
{
    DIR *stream = path_stream(folder);
    bool empty = stream != NULL;
    for (struct dirent *entry; empty && (entry = readdir(stream)) != NULL;)
        empty = !is_own_name(entry->d_name);
    if (stream)
        closedir(stream);
    return empty;
}

static struct error check(int folder, bool fresh)
{
    struct stat found;
    if (fstat(folder, &found) < 0)
        return error_make(ERROR_SYSTEM, errno, "check the scratch folder", "use another folder");
    if (found.st_uid != geteuid() || found.st_mode & OTHERS_WRITE)
        return error_make(ERROR_DENIED, EPERM, "use a scratch folder that others may write to",
                          "create one with mkdtemp");
    if (fresh && !is_empty(folder))
        return error_make(
            ERROR_REFUSED, ENOTEMPTY, "use a scratch folder that is not empty",
            "create one with mkdtemp: everything in it is removed when the tree is killed");
    return ERROR_OK;
}

/* A name with a trailing slash means the folder too. */
static struct error find(const char *path, struct place *out)
{
    char name[PATH_MAX] = "";
    size_t length = strlen(path);
    if (!path_append(name, sizeof name, path))
        return path_error(ENAMETOOLONG, "open the scratch folder");
    while (length > 1 && name[length - 1] == '/')
        name[--length] = '\0';
    return place_open(name, false, "open the scratch folder", out);
}

static int open_found(const struct place *place)
{
    if (place->found >= 0)
        return openat(place->found, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    errno = ENOENT;
    return -1;
}

struct error os_scratch_open(const char *path, bool fresh, os_handle *out)
{
    struct place place;
    struct error error = find(path, &place);
    if (error.code)
        return error;
    int folder = open_found(&place);
    int failed = errno;
    place_close(&place);
    if (folder < 0)
        return error_make(ERROR_NOT_FOUND, failed, "open the scratch folder",
                          "create it before the start, with mkdtemp");
    error = check(folder, fresh);
    *out = folder;
    if (error.code)
        os_handle_close(out);
    return error;
}

/* ---- removing ---- */

static bool empty_out(int folder, int64_t mount, int depth);

/* Does not cross a mount: what is mounted there was not made there. */
static bool remove_folder(int parent, const char *name, int64_t mount, int depth)
{
    int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool emptied = folder >= 0 && depth < DEPTH_AT_MOST && place_mount(folder) == mount &&
                   empty_out(folder, mount, depth + 1);
    if (folder >= 0)
        close(folder);
    return emptied && unlinkat(parent, name, AT_REMOVEDIR) == 0;
}

/* unlink of a folder fails with EISDIR, and with EPERM on some file systems. */
static bool remove_entry(int folder, const char *name, int64_t mount, int depth)
{
    if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
        return true;
    return (errno == EISDIR || errno == EPERM) && remove_folder(folder, name, mount, depth);
}

static bool empty_out(int folder, int64_t mount, int depth)
{
    DIR *stream = path_stream(folder);
    bool all = stream != NULL;
    for (struct dirent *entry; stream && (entry = readdir(stream)) != NULL;)
        if (is_own_name(entry->d_name) && !remove_entry(folder, entry->d_name, mount, depth))
            all = false;
    if (stream)
        closedir(stream);
    return all;
}

static bool is_same(const struct place *place, int scratch)
{
    struct stat own;
    return fstat(scratch, &own) == 0 && place->about.st_dev == own.st_dev &&
           place->about.st_ino == own.st_ino;
}

/* rmdir works by name: if another folder has the name by now, it is either empty or stays. */
bool os_scratch_remove(const char *path, os_handle scratch)
{
    struct place place = {.found = -1};
    struct error error = find(path, &place);
    if (error.code)
        return error.os_code == ENOENT;
    int64_t mount = place_mount((int)scratch);
    bool removed = place.found < 0;
    if (!removed && mount >= 0 && is_same(&place, (int)scratch))
        removed = empty_out((int)scratch, mount, 0) &&
                  unlinkat(place.folder, place.name, AT_REMOVEDIR) == 0;
    place_close(&place);
    return removed;
}
