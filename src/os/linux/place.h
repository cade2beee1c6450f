/* Where a path leads, found by descriptors, one component at a time. Another user who renames or
 * plants something meanwhile cannot redirect the walk: the object that was checked is the object
 * that is used. */
#ifndef TREEFALL_OS_LINUX_PLACE_H
#define TREEFALL_OS_LINUX_PLACE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct place {
    int folder;      /* O_PATH: the folder that contains `name` */
    int found;       /* O_PATH: the named object; -1 = none; a symlink is not followed */
    bool safe;       /* no other user can rename anything on the way: the path itself can be used */
    bool passable;   /* every user can enter all folders of the path */
    bool is_trusted; /* `found` is owned by us, by root, or by the owner of the root folder */
    bool is_folder_trusted; /* the same for `folder` */
    struct stat about_folder;
    struct stat about;
    char name[256]; /* "" if `found` has no name (a procfs link led to it), or is the folder */
};

/* Symlinks of ours and of root are followed, the last component only if `follow`. Another user's
 * symlink is not followed: as the last component it is what is found, on the way it is
 * ERROR_UNSAFE. */
struct error place_open(const char *path, bool follow, const char *what, struct place *out);
void place_close(struct place *place);

/* Whether the object is ours. Asks the kernel if other users look like us. */
bool place_is_own(int found, const struct stat *about);
/* Only users that we trust can put a name into the folder. */
bool place_is_exclusive(const struct place *place);
/* No other user can rename or remove a trusted user's name in the folder. */
bool place_is_safe(const struct place *place);
/* What was found belongs to a trusted user, and so does its name: it is no hard link that another
 * user made. */
bool place_is_certain(const struct place *place);
/* Another user may have put the named object there. */
bool place_is_foreign(const struct place *place);
/* The mount that a descriptor is in; -1 = unknown. A bind mount has the device of the file system
 * behind it. */
int64_t place_mount(int fd);
/* Whether the file system is local to this machine: its stamps then use this machine's clock and
 * keep nanoseconds, and every process that sees the file sees its locks. */
bool place_is_local(int fd);

#endif
