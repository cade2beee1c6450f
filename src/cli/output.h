/* What treefall prints on stdout: colours and box lines only if a person reads it. */
#ifndef TREEFALL_CLI_OUTPUT_H
#define TREEFALL_CLI_OUTPUT_H

#include "base/error.h"
#include "base/sink.h"

#define OUTPUT_BYTES 4096

enum output_colour { COLOUR_NONE, COLOUR_BOLD, COLOUR_FAINT, COLOUR_GREEN, COLOUR_RED };

struct output {
    struct sink sink;
    struct error error; /* why writing failed */
    bool colour;        /* a terminal that has colours, and NO_COLOR is not set */
    bool boxes;         /* a terminal that shows UTF-8 */
    char buffer[OUTPUT_BYTES];
};

void output_open(struct output *output);
/* For a process that guards: output without a reader is dropped, and that is no failure. */
void output_open_of_guard(struct output *output);
/* Writes the text between the codes of a colour, if colours are on. */
void output_text(struct output *output, enum output_colour colour, const char *text);
/* Padded with spaces to `width` columns. */
void output_column(struct output *output, enum output_colour colour, const char *text,
                   size_t width);
/* Sends the rest. Returns `status`, or STATUS_FAILURE if something could not be written. That is
 * reported, unless the reader is gone. */
int output_close(struct output *output, int status);

#endif
