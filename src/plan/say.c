#include "plan/say.h"

#include "os/os.h"

#define SUBJECT_BYTES    300
#define ERROR_TEXT_BYTES 200

void say_begin(struct say *say)
{
    say->sink = (struct sink){.buffer = say->buffer, .capacity = SAY_BYTES - 1};
    sink_text(&say->sink, "treefall: ");
}

void say_begin_for(struct say *say, const char *subcommand)
{
    say->sink = (struct sink){.buffer = say->buffer, .capacity = SAY_BYTES - 1};
    sink_text(&say->sink, "treefall ");
    sink_text(&say->sink, subcommand);
    sink_text(&say->sink, ": ");
}

/* Uses one write, so that lines of several processes do not mix. If no process reads the line, it
 * is dropped without a failure or a delay. */
void say_end(struct say *say)
{
    say->buffer[say->sink.used] = '\n';
    os_stream_offer(STREAM_ERROR, say->buffer, say->sink.used + 1);
}

void say_line(const char *text)
{
    struct say say;
    say_begin(&say);
    sink_plain_text(&say.sink, text);
    say_end(&say);
}

void say_of_process(int32_t pid, const char *text)
{
    struct say say;
    say_begin(&say);
    sink_number(&say.sink, pid);
    sink_text(&say.sink, ": ");
    sink_plain_text(&say.sink, text);
    say_end(&say);
}

void say_error(const struct error *error, const char *subject)
{
    struct say say;
    char text[ERROR_TEXT_BYTES];
    say_begin(&say);
    sink_text(&say.sink, "cannot ");
    sink_text(&say.sink, error->what);
    if (subject) {
        sink_text(&say.sink, " ");
        sink_escaped(&say.sink, SINK_PLAIN, subject, SUBJECT_BYTES);
    }
    if (error->os_code != 0) {
        sink_text(&say.sink, ": ");
        sink_text(&say.sink, os_error_text(error->os_code, text, sizeof text));
    }
    if (error->advice) {
        sink_text(&say.sink, "; ");
        sink_text(&say.sink, error->advice);
    }
    say_end(&say);
}
