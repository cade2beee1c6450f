#include "cli/output.h"

#include "base/status.h"
#include "os/os.h"
#include "plan/say.h"
#include "plan/settings.h"

#include <string.h>

static const char *const codes[] = {
    [COLOUR_NONE] = "",          [COLOUR_BOLD] = "\033[1m", [COLOUR_FAINT] = "\033[2m",
    [COLOUR_GREEN] = "\033[32m", [COLOUR_RED] = "\033[31m",
};

static bool to_stdout(void *context, const char *bytes, size_t count)
{
    struct output *output = context;
    output->error = os_stream_write(STREAM_OUT, bytes, count);
    return output->error.code == ERROR_NONE;
}

static bool to_stdout_at_once(void *context, const char *bytes, size_t count)
{
    (void)context;
    os_stream_offer(STREAM_OUT, bytes, count);
    return true;
}

void output_open(struct output *output)
{
    struct os_stream_kind kind;
    const char *no_colour = os_setting("NO_COLOR");
    os_stream_look(STREAM_OUT, &kind);
    output->sink = (struct sink){.flush = to_stdout,
                                 .context = output,
                                 .buffer = output->buffer,
                                 .capacity = sizeof output->buffer};
    output->error = ERROR_OK;
    output->colour = kind.terminal && kind.colours && (!no_colour || *no_colour == '\0');
    output->boxes = kind.terminal && kind.utf8;
}

void output_open_of_guard(struct output *output)
{
    output_open(output);
    output->sink.flush = to_stdout_at_once;
}

void output_text(struct output *output, enum output_colour colour, const char *text)
{
    bool painted = output->colour && colour != COLOUR_NONE;
    if (painted)
        sink_text(&output->sink, codes[colour]);
    sink_plain_text(&output->sink, text);
    if (painted)
        sink_text(&output->sink, "\033[0m");
}

void output_column(struct output *output, enum output_colour colour, const char *text, size_t width)
{
    output_text(output, colour, text);
    sink_spaces(&output->sink, strlen(text), width);
}

int output_close(struct output *output, int status)
{
    if (sink_finish(&output->sink))
        return status;
    if (output->error.code != ERROR_GONE)
        say_error(&output->error, NULL);
    return STATUS_FAILURE;
}
