/* Whole files. */
#ifndef TREEFALL_OS_FILE_H
#define TREEFALL_OS_FILE_H

#include "core/error.h"

/* Replaces `path` whole or leaves it as it was. `write` produces the bytes; it may be called twice.
 * A symlink is followed. What is not a regular file, or is our own stdout or stderr, is written
 * into directly; so is a file that cannot be renamed over (a mount point, a folder not ours). */
struct sink;
struct error os_file_replace(const char *path, void (*write)(void *context, struct sink *sink),
                             void *context);
/* Whether `path` could be written: asked before the ward starts. Leaves nothing behind. */
struct error os_file_writable(const char *path);

#endif
