/* Process events, told by the kernel. */
#ifndef TREEFALL_OS_EVENTS_H
#define TREEFALL_OS_EVENTS_H

#include "base/error.h"
#include "os/handle.h"

#include <stdbool.h>
#include <stdint.h>

enum os_event_kind {
    OS_EVENT_SESSION, /* a process made a session: rare */
    OS_EVENT_USER,    /* a process became another user: told to root with the sessions */
    OS_EVENT_FORK,    /* wakes with every fork on the machine: only where nothing else will do */
};
/* A handle that is readable when such an event happened. Of forks it is proven first, by a child of
 * our own, that they are told, and by the numbers that processes have here. */
struct error os_events_watch(enum os_event_kind kind, os_handle *out);
/* The same proof of sessions: it takes a child, so it may come later. */
struct error os_events_prove(void);
struct os_event {
    enum os_event_kind kind;
    int32_t pid;
    int32_t parent;        /* 0 but for a fork */
    uint64_t latest_start; /* who has one of the numbers now and started later is another */
};
typedef void os_event_told(void *context, const struct os_event *event);
enum os_events_left {
    OS_EVENTS_NONE,
    OS_EVENTS_MORE, /* they come as fast as they are read: there is other work to do */
    OS_EVENTS_LOST, /* some: rescan */
};
/* Takes what is queued, but so much at most as bounds the call. */
enum os_events_left os_events_read(os_handle handle, os_event_told *told, void *context);

#endif
