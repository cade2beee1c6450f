/* The private folder of this user: unguessable names in it, and leaving it clean. */
#ifndef TREEFALL_OS_LINUX_RUNTIME_H
#define TREEFALL_OS_LINUX_RUNTIME_H

#include "core/error.h"
#include "os/handle.h"

#include <stddef.h>

#define RUNTIME_RANDOM_BYTES 16 /* at the end of each name: 128 bits */

struct runtime_maker {
    const char *prefix;
    const char *what; /* "make a heartbeat file" */
    /* Makes what is to be at `path`, in `folder`. Returns 0, or an errno and makes nothing. */
    int (*make)(void *context, int folder, const char *path);
    void *context;
};

/* Makes FOLDER/PREFIX and 128 random bits in the first folder that takes it; the folder is made if
 * missing, mode 0700, or 0711 for root, whose ward may become another user. As long as any process
 * holds `folder` (a fork does, too), no other treefall removes what is in it. */
struct error runtime_make(const struct runtime_maker *maker, char *path, size_t capacity,
                          os_handle *folder);
/* Removes `path` and, if it is empty, the folder, which stays open. */
void runtime_clear(const char *path, os_handle folder);

#endif
