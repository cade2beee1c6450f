/* Where a path leads, found by descriptors, one component at a time. Another user that renames or
 * plants something meanwhile cannot lead the walk elsewhere: what was judged is what is used. */
#ifndef TREEFALL_OS_LINUX_PLACE_H
#define TREEFALL_OS_LINUX_PLACE_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct place {
    int folder; /* O_PATH: what `name` is in */
    int found;  /* O_PATH: what has the name; -1 = nothing. A symlink only if it was not followed */
    bool safe;  /* no other user can rename anything on the way: usable by its path */
    struct stat about_folder;
    struct stat about;
    char name[256]; /* "" = `found` has none (a link of procfs led to it), or is the folder */
};

/* Symlinks of ours and of root are followed, the last one only if `follow`. Another user's is not:
 * the last one is what is found, one on the way is ERROR_UNSAFE. */
struct error place_open(const char *path, bool follow, const char *what, struct place *out);
void place_close(struct place *place);

/* Ourselves, root, and the owner of the root folder: root, where a user namespace does not map
 * it. */
bool place_trusts(uid_t user);
/* Only they can put a name into the folder. */
bool place_is_exclusive(const struct stat *folder);
/* Nor can another user take a name of theirs away. */
bool place_is_safe(const struct stat *folder);
/* What has the name may have been put there by another user. */
bool place_is_foreign(const struct place *place);
/* Which mount a descriptor is in; -1 = unknown. A bind mount has the device of what is behind it. */
int64_t place_mount(int fd);
/* On a file system of this machine alone: stamps are off its clock and keep nanoseconds, and locks
 * are known to all that see the file. */
bool place_is_local(int fd);

#endif
