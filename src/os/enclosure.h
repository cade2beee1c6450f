/* A container around a process that already runs: ourselves. */
#ifndef TREEFALL_OS_ENCLOSURE_H
#define TREEFALL_OS_ENCLOSURE_H

#include "base/error.h"
#include "os/container.h"

/* Makes a container around ourselves and everything that we start from now on. The exit of its last
 * holder kills the members. ERROR_UNSUPPORTED if a running process cannot be enclosed. */
struct error os_enclosure_make(struct os_container *out);
struct error os_enclosure_enter(const struct os_container *container);
/* From now on, processes that we start are placed as without treefall, and the exit of a holder
 * does not kill them. */
void os_enclosure_leave(const struct os_container *container);

#endif
