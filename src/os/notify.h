/* The sd_notify protocol. */
#ifndef TREEFALL_OS_NOTIFY_H
#define TREEFALL_OS_NOTIFY_H

#include "base/error.h"
#include "os/handle.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether this system has such sockets at all. */
bool os_has_notify(void);

struct os_notify {
    os_handle socket; /* OS_NO_HANDLE = closed */
    os_handle folder; /* what it is in, held: in use */
    char path[108];
};
struct notify_message {
    int32_t sender; /* pid, from the kernel; 0 = none of this pid namespace: trust nothing */
    uint32_t uid;
    char text[4096 + 1]; /* "WATCHDOG=1\nSTATUS=..." NUL-terminated; "" = a message to ignore */
};
struct error os_notify_open(struct os_notify *out);
/* Takes one message; closes any descriptor that came with it (a barrier). False = none left. A
 * flood has no end: take a bounded number a turn. */
bool os_notify_read(struct os_notify *notify, struct notify_message *out);
/* Removes the socket's name; it stays open, for others that share the handle. */
void os_notify_clear(struct os_notify *notify);
void os_notify_close(struct os_notify *notify);

#endif
