/* The sd_notify protocol. */
#ifndef TREEFALL_OS_NOTIFY_H
#define TREEFALL_OS_NOTIFY_H

#include "base/error.h"
#include "os/handle.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether this system has such sockets. */
bool os_has_notify(void);

struct os_notify {
    os_handle socket; /* OS_NO_HANDLE = closed */
    os_handle folder; /* of the folder that the socket is in: held to show that it is in use */
    char path[108];
};
struct notify_message {
    int32_t sender; /* pid, from the kernel; 0 = not in this pid namespace: do not trust it */
    uint32_t uid;
    char text[4096 + 1]; /* "WATCHDOG=1\nSTATUS=..." NUL-terminated; "" = ignore the message */
};
struct error os_notify_open(struct os_notify *out);
/* Reads one message, and closes any descriptor that came with it (a barrier). False = none left. A
 * flood never ends, so read a bounded number per turn. */
bool os_notify_read(struct os_notify *notify, struct notify_message *out);
/* Removes the name of the socket. The socket stays open, for other processes that share the
 * handle. */
void os_notify_clear(struct os_notify *notify);
void os_notify_close(struct os_notify *notify);

#endif
