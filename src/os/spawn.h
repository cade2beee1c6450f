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
    bool wait_all;     /* isolated: the init ends with the last process, not with the command */
    os_handle notices; /* isolated: where the init sends OS_NOTICE_STOPPED */
};

/* A channel_message kind: the command was stopped by the signal in `detail`. An init cannot be
 * stopped from inside, so nothing else shows it. */
#define OS_NOTICE_STOPPED 100

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
