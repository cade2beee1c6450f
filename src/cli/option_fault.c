#include "cli/option.h"

#include "os/child.h"
#include "os/signal_name.h"

#define WORD_BYTES 80 /* how much of the user's text is shown */

/* What a value looks like. NULL = the option's own name for it says enough, or a function writes
 * it. */
static const char *const shapes[OPTION_KIND_COUNT] = {
    [OPTION_DURATION] = "a duration is 500ms, 3s, 2m, 1h or 1d",
    [OPTION_BUDGET] = "a duration is 0, 500ms, 3s, 2m, 1h or 1d",
    [OPTION_COUNT] = "give a number from 1 to 4194304",
    [OPTION_PID] = "give a number from 1 to 2147483647",
    [OPTION_CALLER] = "give a pid, session or none",
    [OPTION_MAP_SIGNAL] = "write INT=TERM, or INT=0 to drop it",
};

static void write_word(struct sink *sink, const char *word, size_t length)
{
    if (length == 0)
        sink_text(sink, "''");
    sink_escaped(sink, SINK_PLAIN, word, length < WORD_BYTES ? length : WORD_BYTES);
    if (length > WORD_BYTES)
        sink_text(sink, "...");
}

static size_t length_of(const char *text)
{
    size_t length = 0;
    while (length <= WORD_BYTES && text[length] != '\0')
        length++;
    return length;
}

static void write_option(struct sink *sink, const char *name)
{
    sink_text(sink, "--");
    sink_text(sink, name);
}

static void write_routes(struct sink *sink)
{
    sink_text(sink, "the routes are ");
    for (int route = 0; route < ROUTE_COUNT; route++) {
        sink_text(sink, route > 0 ? "," : "");
        sink_text(sink, route_info((enum route)route)->name);
    }
}

static void write_statuses(struct sink *sink)
{
    sink_text(sink, "write 143=0 or 0x8F=0; a status is 0 to ");
    sink_unsigned(sink, os_status_most());
}

static void write_signals(struct sink *sink)
{
    sink_text(sink, "a signal is ");
    sink_text(sink, signal_forms());
}

static void (*const writers[OPTION_KIND_COUNT])(struct sink *sink) = {
    [OPTION_ROUTES] = write_routes,
    [OPTION_MAP_STATUS] = write_statuses,
    [OPTION_SIGNAL] = write_signals,
};

static void write_shape(struct sink *sink, const struct option *option)
{
    if (writers[option->kind]) {
        writers[option->kind](sink);
    } else if (shapes[option->kind]) {
        sink_text(sink, shapes[option->kind]);
    } else {
        sink_text(sink, "it takes ");
        sink_text(sink, option->value);
    }
}

static void write_unknown(struct sink *sink, const struct option_fault *fault)
{
    sink_text(sink, "unknown option ");
    write_word(sink, fault->word, fault->word_length);
    if (!fault->nearest)
        return;
    sink_text(sink, "; did you mean ");
    write_option(sink, fault->nearest);
    sink_text(sink, "?");
}

static void write_value(struct sink *sink, const struct option_fault *fault)
{
    write_option(sink, fault->option->name);
    sink_text(sink, " ");
    write_word(sink, fault->value, length_of(fault->value));
    sink_text(sink, " ");
    sink_text(sink, fault->clause);
    if (fault->clause == option_too_many) {
        sink_text(sink, ": ");
        sink_unsigned(sink, fault->option->limit);
        sink_text(sink, " are accepted");
        return;
    }
    sink_text(sink, "; ");
    write_shape(sink, fault->option);
}

static void write_clause(struct sink *sink, const struct option_fault *fault,
                         const struct usage *usage)
{
    switch (fault->kind) {
    case FAULT_UNKNOWN:
        write_unknown(sink, fault);
        break;
    case FAULT_VALUE_MISSING:
        write_option(sink, fault->option->name);
        sink_text(sink, " needs a value; ");
        write_shape(sink, fault->option);
        break;
    case FAULT_VALUE_UNWANTED:
        write_option(sink, fault->option->name);
        sink_text(sink, " takes no value");
        break;
    case FAULT_VALUE:
        write_value(sink, fault);
        break;
    case FAULT_OPERAND:
        write_word(sink, fault->word, fault->word_length);
        sink_text(sink, " ");
        sink_text(sink, fault->clause);
        sink_text(sink, "; ");
        sink_text(sink, shapes[OPTION_PID]);
        break;
    case FAULT_OPERAND_MISSING:
        sink_text(sink, usage->operand_kind == OPERAND_PID ? "no PID" : "no command");
        sink_text(sink, " was given");
        break;
    case FAULT_OPERAND_EXTRA:
        sink_text(sink, "unexpected argument ");
        write_word(sink, fault->word, fault->word_length);
        break;
    case FAULT_TOGETHER:
        sink_text(sink, fault->clause);
        break;
    }
}

void option_fault_write(const struct option_fault *fault, const struct usage *usage,
                        struct sink *sink)
{
    write_clause(sink, fault, usage);
    sink_text(sink, fault->kind == FAULT_UNKNOWN && fault->nearest ? " See treefall "
                                                                   : ". See treefall ");
    sink_text(sink, usage->name);
    sink_text(sink, " --help.");
}
