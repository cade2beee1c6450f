/* Whole files. */
#ifndef TREEFALL_OS_FILE_H
#define TREEFALL_OS_FILE_H

#include "base/error.h"

/* Replaces `path` as a whole, or leaves it as it was. `write` produces the bytes, and may be called
 * twice. A symlink is followed; another user's only if no other user could have put it there. A
 * target is written into directly if it is not a regular file, if it is our own stdout or stderr,
 * or if it cannot be renamed over (a mount point, a folder that is not ours). A new file belongs to
 * us alone: it keeps neither another user's owner nor a wider mode. */
struct sink;
struct error os_file_replace(const char *path, void (*write)(void *context, struct sink *sink),
                             void *context);
/* Whether `path` could be written. Call before the ward starts. Leaves nothing behind. ERROR_UNSAFE
 * if another user may have planted the target. */
struct error os_file_writable(const char *path);

#endif
