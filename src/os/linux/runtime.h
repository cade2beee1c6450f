/* The private folder of this user: unguessable names in it, and leaving it clean. */
#ifndef TREEFALL_OS_LINUX_RUNTIME_H
#define TREEFALL_OS_LINUX_RUNTIME_H

#include "base/error.h"
#include "os/handle.h"

#include <stddef.h>

struct runtime_maker {
    const char *prefix; /* of the entry's name; that of what is made in it */
    const char *what;   /* "make a heartbeat file" */
    /* Makes what is to be at `path`, in `folder`. Returns 0, or an errno and makes nothing. It gets
     * another path in the end. */
    int (*make)(void *context, int folder, const char *path);
    void *context;
};

/* Makes FOLDER/PREFIX-RANDOM/PREFIX in the first runtime folder that takes it, which is made if
 * missing; both folders have mode 0700, or 0711 for root, whose ward may become another user.
 * `folder` is PREFIX-RANDOM: as long as any process holds it (a fork does, too), no other treefall
 * removes what is in it. */
struct error runtime_make(const struct runtime_maker *maker, char *path, size_t capacity,
                          os_handle *folder);
/* Removes all that is in `folder`, and it and the runtime folder if they are empty. It stays open.
 */
void runtime_clear(const char *path, os_handle folder);

#endif
