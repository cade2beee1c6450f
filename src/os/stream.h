/* Standard streams, and words. */
#ifndef TREEFALL_OS_STREAM_H
#define TREEFALL_OS_STREAM_H

#include "base/error.h"
#include "os/handle.h"

#include <stdbool.h>
#include <stddef.h>

/* Every program of ours calls it before anything else: where 0, 1 or 2 is closed, no handle of ours
 * takes its place and is taken for a stream. What it puts there can neither be read nor written,
 * and the command finds closed what was closed. */
struct error os_streams_hold(void);

enum os_stream { STREAM_IN = 0, STREAM_OUT = 1, STREAM_ERROR = 2 };
struct os_stream_kind {
    bool terminal;
    bool colours; /* it understands escape sequences */
    bool utf8;
};
void os_stream_look(enum os_stream stream, struct os_stream_kind *out);
/* All of it, UTF-8, as soon as the reader takes it. ERROR_GONE when the reader went away. */
struct error os_stream_write(enum os_stream stream, const char *bytes, size_t count);
/* A line of a guard's, 4 KiB at most: whole, or dropped where the reader does not take it within a
 * tenth of a second, or went away. Raises no signal. False = dropped. Windows waits. */
bool os_stream_offer(enum os_stream stream, const char *bytes, size_t count);

/* As it stands, for who has no stream to speak of. */
void os_print(os_handle handle, const char *text);

#endif
