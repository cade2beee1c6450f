/* This user's private folder: unguessable names in it, and no leftovers. */
#ifndef TREEFALL_OS_LINUX_RUNTIME_H
#define TREEFALL_OS_LINUX_RUNTIME_H

#include "base/error.h"
#include "os/handle.h"

#include <stddef.h>

struct runtime_maker {
    const char *prefix; /* of the entry's name, and of the name of the object in it */
    const char *what;   /* "make a heartbeat file" */
    /* Makes the object for `path`, in `folder`. Returns 0, or returns an errno and makes nothing.
     * The final path is another one. */
    int (*make)(void *context, int folder, const char *path);
    void *context;
};

/* Makes FOLDER/PREFIX-RANDOM/PREFIX in the first usable runtime folder, which is created if
 * missing. Both folders have mode 0700, or 0711 for root, whose ward may become another user.
 * `folder` is PREFIX-RANDOM. As long as any process holds it, which includes forks, no other
 * treefall removes its contents. */
struct error runtime_make(const struct runtime_maker *maker, char *path, size_t capacity,
                          os_handle *folder);
/* Removes the contents of `folder`, and removes it and the runtime folder if they are empty. The
 * handle stays open. */
void runtime_clear(const char *path, os_handle folder);

#endif
