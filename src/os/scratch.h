/* A folder that is removed together with its ward's tree. */
#ifndef TREEFALL_OS_SCRATCH_H
#define TREEFALL_OS_SCRATCH_H

#include "base/error.h"
#include "os/handle.h"

#include <stdbool.h>

/* The folder must belong to our user and be writable by no other user. With `fresh` it must also be
 * empty. */
struct error os_scratch_open(const char *path, bool fresh, os_handle *out);
/* Removes the folder with its contents, if `path` is still that folder. False if something of it is
 * left. */
bool os_scratch_remove(const char *path, os_handle scratch);

#endif
