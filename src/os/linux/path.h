/* Building paths in a buffer. If a part does not fit, the path stays as it was. */
#ifndef TREEFALL_OS_LINUX_PATH_H
#define TREEFALL_OS_LINUX_PATH_H

#include "base/error.h"

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>

bool path_append(char *path, size_t capacity, const char *part);
bool path_append_number(char *path, size_t capacity, unsigned number);
/* The path of an open descriptor: "/proc/self/fd/7". */
#define PATH_OF_FD_BYTES 32
void path_of_fd(char path[PATH_OF_FD_BYTES], int fd);
/* Appends `bytes` random bytes, at most 16, as hexadecimal digits. */
bool path_append_random(char *path, size_t capacity, size_t bytes);
/* The last component; "" when the path names a folder ("x/", ".", ".."). */
const char *path_name(const char *path);
/* A stream from the beginning of an open folder, which stays open. NULL = it cannot be read. */
DIR *path_stream(int folder);
/* Removes a name that we made; `flags` are those of unlinkat(2). */
bool path_remove(int folder, const char *name, int flags);
/* What an errno means for the user; 0 = success. */
struct error path_error(int os_code, const char *what);

#endif
