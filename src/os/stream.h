/* Standard streams, and writing text to them. */
#ifndef TREEFALL_OS_STREAM_H
#define TREEFALL_OS_STREAM_H

#include "base/error.h"
#include "os/handle.h"

#include <stdbool.h>
#include <stddef.h>

/* Every treefall program calls this first. If 0, 1 or 2 is closed, it is filled, so that no handle
 * of ours gets that number and is taken for a stream. The placeholder can be neither read nor
 * written, and the command finds the stream closed. */
struct error os_streams_hold(void);

enum os_stream { STREAM_IN = 0, STREAM_OUT = 1, STREAM_ERROR = 2 };
struct os_stream_kind {
    bool terminal;
    bool colours; /* it understands escape sequences */
    bool utf8;
};
void os_stream_look(enum os_stream stream, struct os_stream_kind *out);
/* Writes all bytes, as UTF-8, as the reader takes them. ERROR_GONE if the reader is gone. */
struct error os_stream_write(enum os_stream stream, const char *bytes, size_t count);
/* Writes a line of a guard, at most 4 KiB. The line is written whole, or dropped if the reader is
 * gone or does not take it within a tenth of a second. Raises no signal. False = dropped. On
 * Windows it waits. */
bool os_stream_offer(enum os_stream stream, const char *bytes, size_t count);

/* Writes the text unchanged, for code without a stream. */
void os_print(os_handle handle, const char *text);

#endif
