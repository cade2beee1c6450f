/* Messages and signals between guards. */
#ifndef TREEFALL_OS_CHANNEL_H
#define TREEFALL_OS_CHANNEL_H

#include "base/error.h"
#include "os/handle.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A pair of connected handles for messages between guards. os_fork_guard keeps them. */
struct error os_channel_open(os_handle ends[2]);
struct channel_message {
    uint32_t kind;
    uint32_t detail;
    int64_t value;
};
/* The handle is readable for all its holders from os_dismiss on. The death of a holder does not
 * make it readable. */
struct error os_dismissal_make(os_handle *out);
void os_dismiss(os_handle dismissal);
/* Whole messages of any size up to a few kilobytes. */
bool os_channel_transmit(os_handle channel, const void *message, size_t size);
/* False if no message of that size is waiting. `*closed` is set if none will come any more. */
bool os_channel_receive(os_handle channel, void *message, size_t size, bool *closed);
bool os_channel_send(os_handle channel, const struct channel_message *message);
bool os_channel_read(os_handle channel, struct channel_message *out, bool *closed);

/* Readable from a nudge on, until os_nudge_hear. A nudge may come from a signal handler. */
struct error os_nudge_make(os_handle *out);
void os_nudge(os_handle nudge);
/* False if there was no nudge. */
bool os_nudge_hear(os_handle nudge);

#endif
