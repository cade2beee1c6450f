/* A folder that falls with its ward. */
#ifndef TREEFALL_OS_SCRATCH_H
#define TREEFALL_OS_SCRATCH_H

#include "base/error.h"
#include "os/handle.h"

#include <stdbool.h>

/* Our user's, writable to nobody else, `fresh`: and empty. */
struct error os_scratch_open(const char *path, bool fresh, os_handle *out);
/* Removes it with all in it, if `path` is still that folder. False: something of it is left. */
bool os_scratch_remove(const char *path, os_handle scratch);

#endif
