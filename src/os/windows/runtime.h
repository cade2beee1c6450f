#ifndef TREEFALL_OS_WINDOWS_RUNTIME_H
#define TREEFALL_OS_WINDOWS_RUNTIME_H

#include "base/error.h"

#include <stddef.h>

/* An unguessable name with this prefix, in treefall's own folder among this user's temporary
 * folders. */
struct error runtime_path(const char *prefix, char *path, size_t capacity);
/* Removes the folder if `path` was the last file in it. */
void runtime_leave(const char *path);

#endif
