/* The private folder of this user: names in it that nobody can guess, and leaving it clean. */
#ifndef TREEFALL_OS_LINUX_RUNTIME_H
#define TREEFALL_OS_LINUX_RUNTIME_H

#include "core/error.h"

#include <stddef.h>

/* Another guard may remove the empty folder before something is made in it: then try again. */
#define RUNTIME_TRIES 16

/* A new path in the folder, which is made if missing: FOLDER/PREFIX and 128 random bits. */
struct error runtime_path(const char *prefix, char *path, size_t capacity);
/* Removes the folder that holds `path` if it is empty. */
void runtime_leave(const char *path);

#endif
