/* Any report: names, command and numbers from the input. The JSON must be JSON, all outputs must be
 * UTF-8 without a hidden character, and no name may change the structure: written once more with
 * harmless names, the markup of the HTML and the lines of the text are the same. */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#define LINES_MAX 64
#define OUT_BYTES (1 << 18)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef void report_writer(const struct report *report, struct sink *sink);

struct input {
    const uint8_t *at;
    const uint8_t *end;
};

struct output {
    char bytes[OUT_BYTES];
    size_t used;
};

static struct output honest, harmless;

static void must(bool truth)
{
    if (!truth)
        abort();
}

/* ---- reports from bytes ---------------------------------------------------------------------- */

static unsigned take_byte(struct input *input)
{
    return input->at < input->end ? *input->at++ : 0;
}

static int64_t take_number(struct input *input)
{
    uint64_t number = 0;
    for (unsigned bytes = take_byte(input) % 9; bytes > 0; bytes--)
        number = number << 8 | take_byte(input);
    return (int64_t)number;
}

/* Without a NUL when all of `capacity` is taken. */
static void take_name(struct input *input, char *name, size_t capacity)
{
    size_t length = take_byte(input) % (capacity + 1);
    memset(name, 0, capacity);
    for (size_t i = 0; i < length; i++)
        name[i] = (char)take_byte(input);
}

static void take_line(struct input *input, struct report_line *line)
{
    static const char *const signals[] = {NULL, "KILL", "TERM", NULL};
    unsigned shape = take_byte(input);
    *line = (struct report_line){
        .row = {.id = {(int32_t)take_number(input), (uint64_t)take_number(input)},
                .uid = (uint32_t)take_number(input),
                .state = (enum process_state)(shape % (PROCESS_DEAD + 1))},
        .route = (enum route)(take_byte(input) % ROUTE_COUNT),
        .signal = (int)(shape >> 4) - 1,
        .signal_name = signals[shape % 4],
        .outcome = (enum report_outcome)(take_byte(input) % OUTCOME_COUNT),
        .reason = shape & 8 ? "it said <no> & \"stayed\"" : NULL,
        .at_ms = take_number(input),
        .at_rest_us = (int16_t)(take_number(input) % 1000),
    };
    take_name(input, line->row.name, sizeof line->row.name);
}

static void take_report(struct input *input, struct report *report)
{
    unsigned shape = take_byte(input);
    *report = (struct report){
        .version = "0",
        .written_by = shape & 1 ? "sentinel" : NULL,
        .dry_run = shape & 2,
        .ward_exited = shape & 4,
        .ward = {(int32_t)take_number(input), (uint64_t)take_number(input)},
        .ward_status = (int)take_byte(input) - 1,
        .exit_status = take_number(input),
        .trigger = (enum trigger)(take_byte(input) % TRIGGER_COUNT),
        .started_wall_ms = take_number(input),
        .trigger_wall_ms = take_number(input),
        .guarded_ms = take_number(input),
        .fall_ms = take_number(input),
        .fall_rest_us = (int16_t)(take_number(input) % 1000),
        .lines_dropped = shape & 8 ? (size_t)take_number(input) : 0,
    };
    for (int route = 0; route < ROUTE_COUNT; route++) {
        report->guarantee.routes[route].armed = take_byte(input) & 1;
        report->guarantee.routes[route].why_not = shape & 16 ? "why <not>?" : NULL;
    }
}

/* ---- what came out --------------------------------------------------------------------------- */

static bool keep(void *context, const char *bytes, size_t count)
{
    struct output *output = context;
    must(count > 0 && output->used + count < OUT_BYTES);
    memcpy(output->bytes + output->used, bytes, count);
    output->used += count;
    output->bytes[output->used] = '\0';
    return true;
}

static void write_to(struct output *output, report_writer *writer, const struct report *report,
                     size_t capacity)
{
    char *buffer = malloc(capacity + !capacity);
    struct sink sink = {.flush = keep, .context = output, .buffer = buffer, .capacity = capacity};
    must(buffer);
    output->used = 0;
    writer(report, &sink);
    must(sink_finish(&sink) && memchr(output->bytes, 0, output->used) == NULL);
    free(buffer);
}

/* Strict UTF-8, and of what is hidden only the line end. */
static void check_characters(const struct output *output)
{
    const unsigned char *at = (const unsigned char *)output->bytes;
    while (*at) {
        unsigned more = *at < 0x80 ? 0 : *at < 0xe0 ? 1 : *at < 0xf0 ? 2 : 3;
        uint32_t code = more ? *at & (0x3fU >> more) : *at;
        must(*at < 0x80 || (*at >= 0xc2 && *at < 0xf5));
        for (at++; more > 0; more--, at++) {
            must((*at & 0xc0) == 0x80);
            code = code << 6 | (*at & 0x3fU);
        }
        must(code == '\n' || (code >= ' ' && code != 127 && !(code >= 0x80 && code < 0xa0)));
        must(!(code >= 0x202a && code <= 0x202e) && !(code >= 0x2066 && code <= 0x2069));
        must(code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff));
    }
}

static size_t count_of(const struct output *output, char wanted)
{
    size_t count = 0;
    for (size_t i = 0; i < output->used; i++)
        count += output->bytes[i] == wanted;
    return count;
}

/* ---- JSON, as RFC 8259 has it ---------------------------------------------------------------- */

static const char *skip_space(const char *at)
{
    return at + strspn(at, " \n");
}

static const char *skip_string(const char *at)
{
    must(*at++ == '"');
    for (; *at != '"'; at++) {
        must((unsigned char)*at >= ' ');
        if (*at != '\\')
            continue;
        at++;
        must(*at == '"' || *at == '\\' || *at == 'u');
        if (*at == 'u') {
            must(strspn(at + 1, "0123456789abcdef") >= 4);
            at += 4;
        }
    }
    return at + 1;
}

static const char *skip_number(const char *at)
{
    at += *at == '-';
    size_t digits = strspn(at, "0123456789");
    must(digits > 0 && (at[0] != '0' || digits == 1));
    at += digits;
    if (*at == '.') {
        digits = strspn(at + 1, "0123456789");
        must(digits > 0);
        at += 1 + digits;
    }
    return at;
}

static const char *skip_value(const char *at);

static const char *skip_members(const char *at, char end, bool keyed)
{
    at = skip_space(at + 1);
    if (*at == end)
        return at + 1;
    for (;; at = skip_space(at + 1)) {
        if (keyed) {
            at = skip_space(skip_string(at));
            must(*at == ':');
            at = skip_space(at + 1);
        }
        at = skip_space(skip_value(at));
        if (*at == end)
            return at + 1;
        must(*at == ',');
    }
}

static const char *skip_value(const char *at)
{
    static const char *const words[] = {"true", "false", "null"};
    if (*at == '{')
        return skip_members(at, '}', true);
    if (*at == '[')
        return skip_members(at, ']', false);
    if (*at == '"')
        return skip_string(at);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncmp(at, words[i], strlen(words[i])) == 0)
            return at + strlen(words[i]);
    return skip_number(at);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void make_harmless(struct report *report, struct report_line *lines)
{
    if (report->command && report->command[0])
        report->command = "x";
    if (report->trigger_detail)
        report->trigger_detail = "x";
    for (size_t i = 0; i < report->line_count; i++) {
        memset(lines[i].row.name, 0, sizeof lines[i].row.name);
        lines[i].row.name[0] = 'x';
    }
}

static void check_json(const struct report *report, size_t capacity)
{
    write_to(&honest, report_write_json, report, capacity);
    check_characters(&honest);
    must(*skip_space(skip_value(honest.bytes)) == '\0');
}

static void check_structure(report_writer *writer, const char *marks, struct report *report,
                            size_t capacity)
{
    struct report_line lines[LINES_MAX];
    struct report other = *report;
    if (report->line_count > 0)
        memcpy(lines, report->lines, report->line_count * sizeof *lines);
    other.lines = lines;
    make_harmless(&other, lines);
    write_to(&honest, writer, report, capacity);
    write_to(&harmless, writer, &other, OUT_BYTES / 2);
    check_characters(&honest);
    for (; *marks; marks++)
        must(count_of(&honest, *marks) == count_of(&harmless, *marks));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, data + size};
    struct report_line lines[LINES_MAX];
    char command[129] = "";
    char detail[33] = "";
    struct report report;
    unsigned shape = take_byte(&input);
    size_t capacity = take_byte(&input);
    take_report(&input, &report);
    take_name(&input, command, sizeof command - 1);
    take_name(&input, detail, sizeof detail - 1);
    report.command = shape & 1 ? command : NULL;
    report.trigger_detail = shape & 2 ? detail : NULL;
    report.lines = lines;
    while (input.at < input.end && report.line_count < LINES_MAX)
        take_line(&input, &lines[report.line_count++]);
    check_json(&report, capacity);
    check_structure(report_write_text, "\n", &report, capacity);
    check_structure(report_write_html, "<>\"'\n", &report, capacity);
    return 0;
}
