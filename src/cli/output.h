/* What treefall prints on stdout, and how: colours and lines of boxes only where a person looks. */
#ifndef TREEFALL_CLI_OUTPUT_H
#define TREEFALL_CLI_OUTPUT_H

#include "base/error.h"
#include "base/sink.h"

#define OUTPUT_BYTES 4096

enum output_colour { COLOUR_NONE, COLOUR_BOLD, COLOUR_FAINT, COLOUR_GREEN, COLOUR_RED };

struct output {
    struct sink sink;
    struct error error; /* why it could not be written */
    bool colour;        /* a terminal that has colours, and NO_COLOR is not set */
    bool boxes;         /* a terminal that shows UTF-8 */
    char buffer[OUTPUT_BYTES];
};

void output_open(struct output *output);
/* Of a process that guards: what no process reads is dropped, and is no failure. */
void output_open_of_guard(struct output *output);
/* The text between the codes of a colour, if there are to be any. */
void output_text(struct output *output, enum output_colour colour, const char *text);
/* Padded with spaces to `width` columns. */
void output_column(struct output *output, enum output_colour colour, const char *text,
                   size_t width);
/* Sends the rest. Returns `status`, or STATUS_FAILURE when something could not be written: that is
 * said, unless the reader simply went away. */
int output_close(struct output *output, int status);

#endif
