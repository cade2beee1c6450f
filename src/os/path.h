/* Paths and settings. */
#ifndef TREEFALL_OS_PATH_H
#define TREEFALL_OS_PATH_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* The path of `name` beside the file that this code was loaded from. */
bool os_path_beside(const char *name, char *path, size_t capacity);
/* If not, os_error_told() says why. */
bool os_is_program(const char *path);
/* `path` from the root. */
struct error os_path_absolute(const char *path, char *out, size_t capacity);
/* Where the user finds the documentation of treefall. */
const char *os_manual(void);

/* The value of a setting in our environment. NULL if it is unset, or if the process that started us
 * has fewer rights than we have. */
const char *os_setting(const char *name);

#endif
