#include "os/linux/place.h"

#include "base/text.h"
#include "os/linux/path.h"
#include "os/linux/proc.h"
#include "os/linux/user.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif
#ifndef F2FS_SUPER_MAGIC
#define F2FS_SUPER_MAGIC 0xF2F52010
#endif
#define ZFS_MAGIC      0x2fc12fc1
#define BCACHEFS_MAGIC 0xca451a4e

#define LINKS_AT_MOST 40   /* as in the kernel */
#define FOREIGN_LINK  (-1) /* not an errno */
#define OTHERS_WRITE  (S_IWGRP | S_IWOTH)
#define OPENS         (O_PATH | O_NOFOLLOW | O_CLOEXEC)

/* `place.found` is the component that the walk has reached. */
struct walk {
    struct place place;
    bool follow;
    bool ended;
    unsigned links;
    const char *at; /* in `path`: the part that is still to be walked */
    char path[PATH_MAX];
};

/* ---- which users are trusted ---- */

static bool is_root_folder(const struct stat *about, const struct stat *root)
{
    return about->st_dev == root->st_dev && about->st_ino == root->st_ino;
}

/* Only the owner may set a time stamp to a chosen value. Setting it to its present value does no
 * harm. */
bool place_is_own(int found, const struct stat *about)
{
    const struct timespec times[2] = {about->st_atim, {.tv_nsec = UTIME_OMIT}};
    return about->st_uid == geteuid() &&
           (!user_is_ambiguous(about->st_uid) || utimensat(found, "", times, AT_EMPTY_PATH) == 0);
}

/* If our user namespace does not map root, root looks like any other unmapped user. But root has
 * approved everything in a folder that only root can change. */
static bool is_let_in(const struct place *place, const struct stat *root)
{
    return is_root_folder(&place->about, root) || place_is_exclusive(place);
}

/* Trusted: ourselves, root, and the owner of the root folder. */
static bool is_trusted(const struct place *place)
{
    struct stat root;
    uid_t user = place->about.st_uid;
    bool is_roots = stat("/", &root) == 0 && user == root.st_uid;
    if (user != 0 && user_is_ambiguous(user))
        is_roots = is_roots && is_let_in(place, &root);
    return user == 0 || is_roots || place_is_own(place->found, &place->about);
}

bool place_is_exclusive(const struct place *place)
{
    return place->is_folder_trusted && !(place->about_folder.st_mode & OTHERS_WRITE);
}

bool place_is_safe(const struct place *place)
{
    mode_t mode = place->about_folder.st_mode;
    return place->is_folder_trusted && (!(mode & OTHERS_WRITE) || mode & S_ISVTX);
}

bool place_is_foreign(const struct place *place)
{
    const struct stat *folder = &place->about_folder;
    bool in_its_owners = S_ISREG(place->about.st_mode) && folder->st_uid == place->about.st_uid &&
                         !(folder->st_mode & OTHERS_WRITE);
    return place->found >= 0 && !place->is_trusted && !place_is_exclusive(place) && !in_its_owners;
}

/* Another user may give a trusted user's file any name, as a hard link. */
bool place_is_certain(const struct place *place)
{
    return place_is_exclusive(place) || (place->is_trusted && place->about.st_nlink == 1);
}

/* ---- walking ---- */

static bool is_last(const struct walk *walk)
{
    return *walk->at == '\0';
}

static void drop(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int enter(struct walk *walk)
{
    struct place *place = &walk->place;
    drop(&place->folder);
    place->folder = place->found;
    place->found = -1;
    place->about_folder = place->about;
    place->is_folder_trusted = place->is_trusted;
    place->safe = place->safe && place_is_safe(place);
    place->passable = place->passable && place->about_folder.st_mode & S_IXOTH;
    return S_ISDIR(place->about_folder.st_mode) ? 0 : ENOTDIR;
}

static int take(struct walk *walk, int opened)
{
    if (opened < 0)
        return errno;
    drop(&walk->place.found);
    walk->place.found = opened;
    if (fstat(opened, &walk->place.about) < 0)
        return errno;
    walk->place.is_trusted = is_trusted(&walk->place);
    return 0;
}

static int start(struct walk *walk)
{
    int failed = take(walk, open(walk->path[0] == '/' ? "/" : ".", OPENS | O_DIRECTORY));
    walk->at = walk->path;
    return failed ? failed : enter(walk);
}

static int read_link(struct walk *walk)
{
    char text[PATH_MAX];
    ssize_t length = readlinkat(walk->place.found, "", text, sizeof text - 1);
    if (length < 0)
        return errno;
    text[length] = '\0';
    if (!path_append(text, sizeof text, walk->at))
        return ENAMETOOLONG;
    memcpy(walk->path, text, strlen(text) + 1);
    walk->at = walk->path;
    drop(&walk->place.found);
    return walk->path[0] == '/' ? start(walk) : 0;
}

/* A link in procfs leads to an open file, which may have no path at all. */
static int pass_procfs(struct walk *walk)
{
    struct place *place = &walk->place;
    int failed = take(walk, openat(place->folder, place->name, O_PATH | O_CLOEXEC));
    place->name[0] = '\0';
    if (failed || !is_last(walk) || S_ISDIR(place->about.st_mode))
        return failed ? failed : enter(walk);
    walk->ended = true;
    return 0;
}

static bool is_on_procfs(int fd)
{
    struct statfs system;
    return fstatfs(fd, &system) == 0 && (unsigned long)system.f_type == PROC_SUPER_MAGIC;
}

static int follow(struct walk *walk)
{
    if (++walk->links > LINKS_AT_MOST)
        return ELOOP;
    return is_on_procfs(walk->place.found) ? pass_procfs(walk) : read_link(walk);
}

/* ---- one component ---- */

static int read_name(struct walk *walk)
{
    walk->at += strspn(walk->at, "/");
    size_t length = strcspn(walk->at, "/");
    if (length >= sizeof walk->place.name)
        return ENAMETOOLONG;
    memcpy(walk->place.name, walk->at, length);
    walk->place.name[length] = '\0';
    walk->at += length;
    return 0;
}

/* O_DIRECTORY makes an automounter mount. */
static int look(struct walk *walk)
{
    const struct place *place = &walk->place;
    int found = openat(place->folder, place->name, OPENS | O_DIRECTORY);
    if (found < 0 && errno == ENOTDIR)
        found = openat(place->folder, place->name, OPENS);
    return take(walk, found);
}

static int pass_link(struct walk *walk)
{
    if (is_last(walk) && (!walk->follow || !place_is_certain(&walk->place))) {
        walk->ended = true;
        return 0;
    }
    return place_is_certain(&walk->place) ? follow(walk) : FOREIGN_LINK;
}

static int step(struct walk *walk)
{
    struct place *place = &walk->place;
    int failed = read_name(walk);
    walk->ended = place->name[0] == '\0';
    if (failed || walk->ended)
        return failed;
    failed = look(walk);
    if (failed == ENOENT && is_last(walk)) {
        walk->ended = true;
        return 0;
    }
    if (failed)
        return failed;
    if (S_ISLNK(place->about.st_mode))
        return pass_link(walk);
    walk->ended = is_last(walk) && *path_name(place->name) != '\0';
    return walk->ended ? 0 : enter(walk);
}

static int walk_on(struct walk *walk)
{
    int failed = start(walk);
    while (!failed && !walk->ended)
        failed = step(walk);
    return failed;
}

struct error place_open(const char *path, bool follow, const char *what, struct place *out)
{
    struct walk walk = {.place = {.folder = -1, .found = -1, .safe = true, .passable = true},
                        .follow = follow};
    int failed = path_append(walk.path, sizeof walk.path, path) ? walk_on(&walk) : ENAMETOOLONG;
    *out = walk.place;
    if (!failed)
        return ERROR_OK;
    place_close(out);
    if (failed == FOREIGN_LINK)
        return error_make(ERROR_UNSAFE, EPERM, "follow another user's symlink to",
                          "give the folder that it points to");
    return path_error(failed, what);
}

void place_close(struct place *place)
{
    drop(&place->folder);
    drop(&place->found);
}

/* statx reports it since Linux 5.8, but filters may deny statx. procfs has reported it since
 * 3.15. */
int64_t place_mount(int fd)
{
    static const char key[] = "mnt_id:\t";
    char path[PATH_OF_FD_BYTES + sizeof "info"] = "/proc/self/fdinfo/";
    char text[512];
    path_append_number(path, sizeof path, (unsigned)fd);
    if (proc_read_path(path, text, sizeof text) <= 0)
        return -1;
    const char *found = strstr(text, key);
    if (!found)
        return -1;
    found += strlen(key);
    return (int64_t)text_number(&found);
}

bool place_is_local(int fd)
{
    static const unsigned long magics[] = {
        EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,       BTRFS_SUPER_MAGIC, TMPFS_MAGIC,   RAMFS_MAGIC,
        F2FS_SUPER_MAGIC, OVERLAYFS_SUPER_MAGIC, ZFS_MAGIC,         BCACHEFS_MAGIC};
    struct statfs system;
    if (fstatfs(fd, &system) < 0)
        return false;
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if ((unsigned long)system.f_type == magics[i])
            return true;
    return false;
}
