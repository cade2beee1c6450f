/* Messages of treefall on stderr: one line each, "treefall: what: why; what to do". No stdio, to
 * keep the guards' memory small. */
#ifndef TREEFALL_PLAN_SAY_H
#define TREEFALL_PLAN_SAY_H

#include "base/error.h"
#include "base/sink.h"

/* "treefall: cannot open the heartbeat file /x: Permission denied; ADVICE". `subject` is the object
 * of the failed action, and may be NULL. */
void say_error(const struct error *error, const char *subject);

/* A line of pieces, cut off when it is too long. "treefall: " and a newline are added.
 *     struct say line; say_begin(&line); sink_plain_text(&line.sink, ...); say_end(&line); */
#define SAY_BYTES 1024
struct say {
    struct sink sink;
    char buffer[SAY_BYTES];
};
void say_begin(struct say *say);
/* "treefall SUBCOMMAND: " */
void say_begin_for(struct say *say, const char *subcommand);
void say_end(struct say *say);

/* A line made of one text. */
void say_line(const char *text);
/* "treefall: 4711: TEXT" */
void say_of_process(int32_t pid, const char *text);

#endif
