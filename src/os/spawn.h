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
    bool isolate;           /* in a pid namespace of its own, whose init is ours */
    /* Isolated: the init ends with the last process, but not later than so long after the command,
     * and at once where there is no way to tell of it. INT64_MAX = it waits for the last. */
    int64_t linger_ms;
    os_handle notices; /* isolated: where the init sends what follows */
};

/* Kinds of channel_message. The command was stopped by the signal in `detail`: an init cannot be
 * stopped from inside, so nothing else shows it. */
#define OS_NOTICE_STOPPED 100
/* The command ended with the status in `detail`, and others are left. */
#define OS_NOTICE_ENDED 101

struct os_child {
    struct os_process process;
    os_handle gate;  /* closing it unsent ends the child */
    os_handle fault; /* ready once the command runs, or cannot */
    bool failed;     /* the exec failed */
};

/* Makes the command's process, in its container and group, branded, but not yet running the
 * command: so it can be guarded first. It ends by itself if we die before the release. */
struct error os_spawn_held(const struct os_spawn *spawn, struct os_child *out);
/* Lets it run, and tells it who it is (process.id). Does not wait for its exec: that may take as
 * long as a file system that hangs. */
struct error os_spawn_release(struct os_child *child);
/* To be asked once, after the child's end: ERROR_NOT_FOUND or ERROR_DENIED when the command could
 * not be executed. */
struct error os_spawn_fault(struct os_child *child);

#endif
