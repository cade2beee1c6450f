#include "cli/help.h"

#include "base/duration.h"
#include "os/path.h"
#include "os/signal_name.h"

#include <string.h>

#define TEXT_COLUMN 31 /* where the help text begins */
#define LAST_COLUMN 79

/* Writes words until the line is full, and continues in the next line at the same column. */
struct paragraph {
    struct sink *sink;
    size_t indent;
    size_t column;
};

static void put_word(struct paragraph *paragraph, const char *word, size_t length)
{
    bool first = paragraph->column == paragraph->indent;
    if (!first && paragraph->column + 1 + length > LAST_COLUMN) {
        sink_text(paragraph->sink, "\n");
        sink_spaces(paragraph->sink, 0, paragraph->indent);
        paragraph->column = paragraph->indent;
        first = true;
    }
    sink_text(paragraph->sink, first ? "" : " ");
    sink_bytes(paragraph->sink, word, length);
    paragraph->column += length + !first;
}

static void put_words(struct paragraph *paragraph, const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        put_word(paragraph, text, length);
        text += length + strspn(text + length, " ");
    }
}

/* "(default 10s)", if the option has a default worth mentioning. */
static void write_default(struct sink *sink, const struct option *option, const void *field)
{
    switch (option->kind) {
    case OPTION_DURATION:
    case OPTION_BUDGET:
        duration_write(sink, *(const int64_t *)field);
        break;
    case OPTION_SIGNAL:
        sink_text(sink, signal_name(*(const int *)field));
        break;
    case OPTION_WORD:
        sink_text(sink, option->words[*(const unsigned *)field]);
        break;
    case OPTION_YES_NO:
        sink_text(sink, *(const bool *)field ? "yes" : "no");
        break;
    case OPTION_FLAG:
    case OPTION_NO_FLAG:
    case OPTION_COUNT:
    case OPTION_PID:
    case OPTION_TEXT:
    case OPTION_TEXTS:
    case OPTION_ROUTES:
    case OPTION_MAP_SIGNAL:
    case OPTION_MAP_STATUS:
    case OPTION_CALLER:
    case OPTION_KIND_COUNT:
        break;
    }
}

static void put_default(struct paragraph *paragraph, const struct option *option, const void *field)
{
    char text[32];
    struct sink sink = {.buffer = text, .capacity = sizeof text - 1};
    if (option->kind == OPTION_DURATION && *(const int64_t *)field == 0)
        return; /* no limit unless given */
    write_default(&sink, option, field);
    text[sink.used] = '\0';
    if (sink.used == 0)
        return;
    char words[sizeof text + 16] = "(default ";
    strcat(words, text);
    strcat(words, ")");
    put_word(paragraph, words, strlen(words));
}

static size_t put_names(struct sink *sink, const struct option *option)
{
    const char letter[] = {'-', option->letter, ',', ' ', '\0'};
    size_t used = 2 + 4 + 2 + strlen(option->name);
    sink_text(sink, "  ");
    sink_text(sink, option->letter ? letter : "    ");
    sink_text(sink, "--");
    sink_text(sink, option->name);
    if (option->value) {
        sink_text(sink, " ");
        sink_text(sink, option->value);
        used += 1 + strlen(option->value);
    }
    return used;
}

static void print_option(const struct option *option, const void *defaults, struct sink *sink)
{
    size_t used = put_names(sink, option);
    if (used + 2 > TEXT_COLUMN) {
        sink_text(sink, "\n");
        used = 0;
    }
    sink_spaces(sink, used, TEXT_COLUMN);
    struct paragraph paragraph = {sink, TEXT_COLUMN, TEXT_COLUMN};
    put_words(&paragraph, option->help);
    if (option->value && defaults)
        put_default(&paragraph, option, (const char *)defaults + option->offset);
    sink_text(sink, "\n");
}

static void print_heading(const char *heading, struct output *output)
{
    sink_text(&output->sink, "\n");
    output_text(output, COLOUR_BOLD, heading);
    sink_text(&output->sink, ":\n");
}

/* A group's heading is printed above the first option that exists here. */
static void print_options(const struct usage *usage, struct output *output)
{
    const char *heading = NULL;
    for (size_t i = 0; i < usage->option_count; i++) {
        const struct option *option = &usage->options[i];
        heading = option->heading ? option->heading : heading;
        if (!option_is_there(option))
            continue;
        if (heading)
            print_heading(heading, output);
        heading = NULL;
        print_option(option, usage->defaults, &output->sink);
    }
}

static bool takes(const struct usage *usage, enum option_kind kind)
{
    for (size_t i = 0; i < usage->option_count; i++)
        if (usage->options[i].kind == kind)
            return true;
    return false;
}

/* How to write the kinds of value that have a name of their own. */
static void print_forms(const struct usage *usage, struct sink *sink)
{
    if (takes(usage, OPTION_DURATION) || takes(usage, OPTION_BUDGET))
        sink_text(sink, "DUR is 500ms, 0.5s, 3s, 2m, 1h or 1d; a bare number is seconds.\n");
    if (!takes(usage, OPTION_SIGNAL))
        return;
    sink_text(sink, "SIG is ");
    sink_text(sink, signal_forms());
    sink_text(sink, ".\n");
}

void help_print(const struct usage *usage, struct output *output)
{
    struct sink *sink = &output->sink;
    output_text(output, COLOUR_BOLD, "Usage:");
    sink_text(sink, " treefall ");
    sink_text(sink, usage->name);
    sink_text(sink, " [options]");
    sink_text(sink, usage->operand_kind == OPERAND_COMMAND ? " [--] " : usage->operand ? " " : "");
    sink_text(sink, usage->operand);
    sink_text(sink, "\n\n");
    sink_text(sink, usage->summary);
    sink_text(sink, "\n");
    print_options(usage, output);
    for (size_t i = 0; i < option_common_count; i++)
        print_option(&option_common[i], NULL, sink);
    sink_text(sink, "\n");
    print_forms(usage, sink);
    sink_text(sink, usage->notes);
}

void help_print_all(const struct usage *const *usages, size_t count, struct output *output)
{
    struct sink *sink = &output->sink;
    output_text(output, COLOUR_BOLD, "Usage:");
    sink_text(sink, " treefall SUBCOMMAND [options] ...\n\n"
                    "A dead-man's switch for process trees.\n\n");
    output_text(output, COLOUR_BOLD, "Subcommands");
    sink_text(sink, ":\n");
    for (size_t i = 0; i < count; i++) {
        sink_text(sink, "  ");
        output_column(output, COLOUR_NONE, usages[i]->name, 9);
        sink_text(sink, usages[i]->summary);
        sink_text(sink, "\n");
    }
    sink_text(sink,
              "\n`treefall SUBCOMMAND --help` lists its options, `treefall --version` prints the\n"
              "version. Everything else is in ");
    sink_text(sink, os_manual());
    sink_text(sink, ".\n");
}
