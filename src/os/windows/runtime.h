#ifndef TREEFALL_OS_WINDOWS_RUNTIME_H
#define TREEFALL_OS_WINDOWS_RUNTIME_H

#include "base/error.h"

#include <stddef.h>

/* An unguessable name that begins with `prefix`, in treefall's own folder among this user's
 * temporary ones. */
struct error runtime_path(const char *prefix, char *path, size_t capacity);
/* Removes that folder if `path` was the last in it. */
void runtime_leave(const char *path);

#endif
