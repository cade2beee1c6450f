#include "cli/output.h"

#include "cli/say.h"
#include "cli/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const char *const codes[] = {
    [COLOUR_NONE] = "",          [COLOUR_BOLD] = "\033[1m", [COLOUR_FAINT] = "\033[2m",
    [COLOUR_GREEN] = "\033[32m", [COLOUR_RED] = "\033[31m",
};

/* `context` is not used: there is one stdout. errno tells why it failed. */
static bool to_stdout(void *context, const char *bytes, size_t count)
{
    (void)context;
    while (count > 0) {
        ssize_t written = write(STDOUT_FILENO, bytes, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        count -= (size_t)written;
    }
    return true;
}

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value ? value : "";
}

/* The first of these that is set rules, as in setlocale(3). */
static bool locale_is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *value = "";
    for (size_t i = 0; i < sizeof names / sizeof *names && *value == '\0'; i++)
        value = environment(names[i]);
    const char *charset = strchr(value, '.');
    return charset &&
           (strncasecmp(charset, ".utf-8", 6) == 0 || strncasecmp(charset, ".utf8", 5) == 0);
}

void output_open(struct output *output)
{
    bool terminal = isatty(STDOUT_FILENO) == 1;
    const char *kind = environment("TERM");
    output->sink = (struct sink){
        .flush = to_stdout, .buffer = output->buffer, .capacity = sizeof output->buffer};
    output->colour =
        terminal && *environment("NO_COLOR") == '\0' && *kind != '\0' && strcmp(kind, "dumb") != 0;
    output->boxes = terminal && locale_is_utf8();
    errno = 0;
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
    struct error error = error_make(ERROR_SYSTEM, errno, "write to standard output", NULL);
    if (error.os_code != EPIPE)
        say_error(&error, NULL);
    return STATUS_FAILURE;
}
