/* Process events, reported by the kernel. */
#ifndef TREEFALL_OS_EVENTS_H
#define TREEFALL_OS_EVENTS_H

#include "base/error.h"
#include "os/handle.h"

#include <stdbool.h>
#include <stdint.h>

enum os_event_kind {
    OS_EVENT_SESSION, /* a process made a session: rare */
    OS_EVENT_USER,    /* a process became another user; reported to root together with sessions */
    OS_EVENT_FORK,    /* wakes on every fork on the machine: only if nothing else will do */
};
/* A handle that is readable when such an event has happened. For forks, a child of our own first
 * proves that they are reported, and with the process numbers that are valid here. */
struct error os_events_watch(enum os_event_kind kind, os_handle *out);
/* The same proof for sessions. It needs a child, so it may come later. */
struct error os_events_prove(void);
struct os_event {
    enum os_event_kind kind;
    int32_t pid;
    int32_t parent;        /* only for a fork, else 0 */
    uint64_t latest_start; /* a process with one of these numbers that started later is another
                              process */
};
typedef void os_event_told(void *context, const struct os_event *event);
enum os_events_left {
    OS_EVENTS_NONE,
    OS_EVENTS_MORE, /* events arrive as fast as they are read: do other work first */
    OS_EVENTS_LOST, /* some events were lost: scan again */
};
/* Reads queued events, but only so many that the call ends soon. */
enum os_events_left os_events_read(os_handle handle, os_event_told *told, void *context);

#endif
