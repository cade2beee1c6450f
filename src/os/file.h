/* Whole files. */
#ifndef TREEFALL_OS_FILE_H
#define TREEFALL_OS_FILE_H

#include "base/error.h"

/* Replaces `path` whole or leaves it as it was. `write` produces the bytes; it may be called twice.
 * A symlink is followed, but another user's only where no other user could have put it. What is
 * not a regular file, or is our own stdout or stderr, is written into directly; so is a file that
 * cannot be renamed over (a mount point, a folder not ours). What is written anew is ours alone: it
 * takes neither another user's owner nor a wider mode. */
struct sink;
struct error os_file_replace(const char *path, void (*write)(void *context, struct sink *sink),
                             void *context);
/* Whether `path` could be written: asked before the ward starts. Leaves nothing behind.
 * ERROR_UNSAFE when another user may have planted what is there. */
struct error os_file_writable(const char *path);

#endif
