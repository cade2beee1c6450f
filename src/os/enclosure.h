/* A container around a process that runs already: ourselves. */
#ifndef TREEFALL_OS_ENCLOSURE_H
#define TREEFALL_OS_ENCLOSURE_H

#include "base/error.h"
#include "os/container.h"

/* One around ourselves and all that we start from now on, which its last holder's end kills:
 * ERROR_UNSUPPORTED where a process cannot be enclosed as it runs. */
struct error os_enclosure_make(struct os_container *out);
struct error os_enclosure_enter(const struct os_container *container);
/* What we start from now on is where it would be without us, and nobody's end kills it. */
void os_enclosure_leave(const struct os_container *container);

#endif
