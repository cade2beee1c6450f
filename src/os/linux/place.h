/* Where a path leads, found by descriptors, one component at a time. Another user that renames or
 * plants something meanwhile cannot lead the walk elsewhere: what was judged is what is used. */
#ifndef TREEFALL_OS_LINUX_PLACE_H
#define TREEFALL_OS_LINUX_PLACE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct place {
    int folder;             /* O_PATH: what `name` is in */
    int found;              /* O_PATH: what has the name; -1 = nothing; a symlink: not followed */
    bool safe;              /* no other user can rename anything on the way: usable by its path */
    bool passable;          /* every user can go through all folders of it */
    bool is_trusted;        /* the owner of `found`: ourselves, root, or whose the root folder is */
    bool is_folder_trusted; /* that of `folder` */
    struct stat about_folder;
    struct stat about;
    char name[256]; /* "" = `found` has none (a link of procfs led to it), or is the folder */
};

/* Symlinks of ours and of root are followed, the last one only if `follow`. Another user's is not:
 * the last one is what is found, one on the way is ERROR_UNSAFE. */
struct error place_open(const char *path, bool follow, const char *what, struct place *out);
void place_close(struct place *place);

/* Ours, by the kernel's word where other users look like us. */
bool place_is_own(int found, const struct stat *about);
/* Only users that we trust can put a name into the folder. */
bool place_is_exclusive(const struct place *place);
/* Nor can another user take a name of theirs away. */
bool place_is_safe(const struct place *place);
/* What was found is a trusted user's, and so is its name: no hard link that another user made. */
bool place_is_certain(const struct place *place);
/* What has the name may have been put there by another user. */
bool place_is_foreign(const struct place *place);
/* Which mount a descriptor is in; -1 = unknown. A bind mount has the device of what is behind it.
 */
int64_t place_mount(int fd);
/* On a file system of this machine alone: stamps are off its clock and keep nanoseconds, and locks
 * are known to all that see the file. */
bool place_is_local(int fd);

#endif
