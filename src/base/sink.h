/* Formatted output: a fixed-size buffer that is flushed through a function when it is full. No
 * allocation, no stdio, no locale. Text is bytes that should be UTF-8, but may be anything. */
#ifndef TREEFALL_BASE_SINK_H
#define TREEFALL_BASE_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sink {
    /* Takes all bytes or returns false. After a failure nothing more is sent. NULL: the buffer is
     * all there is, and `used` tells how much of it is filled. */
    bool (*flush)(void *context, const char *bytes, size_t count);
    void *context;
    char *buffer;
    size_t capacity; /* may be 0: every write is flushed at once */
    size_t used;
    bool failed;
};

/* How text is made safe. Hidden characters are control bytes, characters that reorder or hide what
 * follows (U+202E), and U+2028/9. A byte that is not UTF-8 counts as hidden. */
enum sink_escape {
    SINK_JSON,  /* hidden: \uXXXX, not UTF-8: \ufffd; no quotes around it */
    SINK_HTML,  /* hidden: U+FFFD; fit for an attribute as well */
    SINK_PLAIN, /* hidden: '?'; fit for a terminal */
};

void sink_bytes(struct sink *sink, const char *bytes, size_t count);
/* Writes the text unchanged. NULL is "". */
void sink_text(struct sink *sink, const char *text);
/* Up to a NUL or `limit` bytes. */
void sink_escaped(struct sink *sink, enum sink_escape how, const char *text, size_t limit);
void sink_number(struct sink *sink, int64_t number);
void sink_unsigned(struct sink *sink, uint64_t number);
/* Pads a column to `width`, of which `used` are taken. */
void sink_spaces(struct sink *sink, size_t used, size_t width);
/* The time in UTC, to the millisecond: "2026-01-31T23:59:59.004Z"; years 1970 to 9999. */
void sink_utc(struct sink *sink, int64_t wall_ms);

/* The string in quotes, escaped for JSON; NULL becomes null. */
void sink_json_string(struct sink *sink, const char *text);
void sink_html_text(struct sink *sink, const char *text);
void sink_plain_text(struct sink *sink, const char *text);
/* Sends what is buffered; false if anything was lost. */
bool sink_finish(struct sink *sink);

#endif
