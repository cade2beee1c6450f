/* A limit on the number of processes in a container. */
#ifndef TREEFALL_OS_CAP_H
#define TREEFALL_OS_CAP_H

#include "base/error.h"
#include "os/container.h"

#include <stdint.h>

/* Limits the container to `count` processes. */
struct error os_container_cap(struct os_container *container, uint64_t count);

#endif
