/* Starting the command. */
#ifndef TREEFALL_OS_SPAWN_H
#define TREEFALL_OS_SPAWN_H

#include "core/brand.h"
#include "os/container.h"
#include "os/process.h"

#include <stdbool.h>
#include <stdint.h>

struct os_spawn {
    char *const *argv;
    const char *const *environment;       /* NAME=VALUE to add or replace, NULL-terminated */
    const struct os_container *container; /* or NULL */
    const struct brand *brand;            /* or NULL */
    bool own_group;
    bool notify;            /* WATCHDOG_PID is set to the command's pid */
    uint64_t max_processes; /* 0 = no cap; without effect on root, see os_container_cap */
    bool isolate;           /* in a pid namespace of its own, with our init */
    /* Isolated: the init exits with the last process, but at most this long after the command, and
     * at once if there is no way to report its exit. INT64_MAX = it waits for the last process. */
    int64_t linger_ms;
    os_handle notices; /* isolated: where the init sends the notices below */
};

/* Kinds of channel_message. OS_NOTICE_STOPPED: the signal in `detail` stopped the command. An init
 * cannot be stopped from inside, so nothing else shows it. */
#define OS_NOTICE_STOPPED 100
/* The command exited with the status in `detail`, and other processes are left. */
#define OS_NOTICE_ENDED 101

struct os_child {
    struct os_process process;
    os_handle gate;  /* closing it unused ends the child */
    os_handle fault; /* ready once the command runs, or cannot */
    bool failed;     /* the exec failed */
};

/* Makes the command's process, in its container and group and branded, but not yet running the
 * command. So it can be guarded first. It exits by itself if we die before the release. */
struct error os_spawn_held(const struct os_spawn *spawn, struct os_child *out);
/* Lets the command run, and tells it its identity (process.id). Does not wait for the exec, because
 * a file system that hangs could delay that without limit. */
struct error os_spawn_release(struct os_child *child);
/* Call once, after the child has exited. ERROR_NOT_FOUND or ERROR_DENIED if the command could not
 * be executed. */
struct error os_spawn_fault(struct os_child *child);

#endif
