#include "base/sink.h"

#include "base/text.h"

#include <string.h>

#define LAST_YEAR_END_MS INT64_C(253402300799999)
#define BROKEN           UINT32_MAX /* what a byte that is not UTF-8 decodes to */
#define MS_PER_DAY       86400000

static void flush_buffer(struct sink *sink)
{
    if (sink->used > 0 && !sink->failed)
        sink->failed = !sink->flush || !sink->flush(sink->context, sink->buffer, sink->used);
    sink->used = 0;
}

/* A buffer that cannot be flushed keeps its contents. */
static void make_room(struct sink *sink)
{
    if (sink->flush)
        flush_buffer(sink);
    else
        sink->failed = true;
}

void sink_bytes(struct sink *sink, const char *bytes, size_t count)
{
    if (sink->capacity == 0 && count > 0 && !sink->failed) {
        sink->failed = !sink->flush || !sink->flush(sink->context, bytes, count);
        return;
    }
    while (count > 0 && !sink->failed) {
        size_t room = sink->capacity - sink->used;
        size_t taken = count < room ? count : room;
        if (room == 0) {
            make_room(sink);
            continue;
        }
        memcpy(sink->buffer + sink->used, bytes, taken);
        sink->used += taken;
        bytes += taken;
        count -= taken;
    }
}

bool sink_finish(struct sink *sink)
{
    if (sink->flush)
        flush_buffer(sink);
    return !sink->failed;
}

void sink_text(struct sink *sink, const char *text)
{
    if (text)
        sink_bytes(sink, text, strlen(text));
}

void sink_spaces(struct sink *sink, size_t used, size_t width)
{
    for (; used < width; used++)
        sink_bytes(sink, " ", 1);
}

/* ---- numbers and times ---------------------------------------------------------------------- */

void sink_unsigned(struct sink *sink, uint64_t number)
{
    char digits[TEXT_DECIMAL_BYTES];
    sink_bytes(sink, digits, text_decimal(digits, number));
}

void sink_number(struct sink *sink, int64_t number)
{
    if (number < 0)
        sink_bytes(sink, "-", 1);
    sink_unsigned(sink, number < 0 ? -(uint64_t)number : (uint64_t)number);
}

/* Writes `number` in exactly `width` digits, and then `next`. */
static void put_field(struct sink *sink, unsigned number, size_t width, char next)
{
    char field[5];
    text_field(field, number, width);
    field[width] = next;
    sink_bytes(sink, field, width + 1);
}

/* Years are counted from March, so that a leap day is the last of its year. An era is 400 years
 * (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
static void put_date(struct sink *sink, unsigned days_since_epoch)
{
    unsigned days = days_since_epoch + 719468;
    unsigned in_era = days % 146097;
    unsigned year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    unsigned in_year = in_era - (365 * year + year / 4 - year / 100);
    unsigned from_march = (5 * in_year + 2) / 153;
    unsigned month = from_march < 10 ? from_march + 3 : from_march - 9;
    put_field(sink, days / 146097 * 400 + year + (month <= 2), 4, '-');
    put_field(sink, month, 2, '-');
    put_field(sink, in_year - (153 * from_march + 2) / 5 + 1, 2, 'T');
}

void sink_utc(struct sink *sink, int64_t wall_ms)
{
    if (wall_ms < 0)
        wall_ms = 0;
    if (wall_ms > LAST_YEAR_END_MS)
        wall_ms = LAST_YEAR_END_MS;
    unsigned in_day = (unsigned)(wall_ms % MS_PER_DAY);
    put_date(sink, (unsigned)(wall_ms / MS_PER_DAY));
    put_field(sink, in_day / 3600000, 2, ':');
    put_field(sink, in_day / 60000 % 60, 2, ':');
    put_field(sink, in_day / 1000 % 60, 2, '.');
    put_field(sink, in_day % 1000, 3, 'Z');
}

/* ---- text that may hold any byte ------------------------------------------------------------ */

/* Takes one character from `*text`, which is not at its end. Overlong forms, surrogates and values
 * beyond Unicode are broken. A broken byte is taken alone. */
static uint32_t take_character(const unsigned char **text, const unsigned char *end)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    const unsigned char *at = *text;
    uint32_t first = *at++;
    unsigned more = first < 0xc2 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : 0;
    uint32_t code = more ? first & (0x3fU >> more) : first;
    *text = at;
    if (!more)
        return first < 0x80 ? first : BROKEN;
    for (unsigned i = 0; i < more; i++, at++) {
        if (at == end || (*at & 0xc0) != 0x80)
            return BROKEN;
        code = code << 6 | (*at & 0x3fU);
    }
    if (code < least[more] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return BROKEN;
    *text = at;
    return code;
}

static bool is_hidden(uint32_t code)
{
    static const struct {
        uint16_t first, last;
    } ranges[] = {{0, 0x1f},        {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},
                  {0x200b, 0x200b}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
                  {0xfdd0, 0xfdef}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xfffe, 0xffff}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return code == BROKEN || (code > 0xffff && (code & 0xfffe) == 0xfffe);
}

static void put_json_escape(struct sink *sink, uint32_t code)
{
    char escape[6] = "\\u";
    if (code > 0xffff)
        code = 0xfffd;
    text_hex(escape + 2, code, 4);
    sink_bytes(sink, escape, sizeof escape);
}

static void put_hidden(struct sink *sink, enum sink_escape how, uint32_t code)
{
    switch (how) {
    case SINK_JSON:
        put_json_escape(sink, code);
        break;
    case SINK_HTML:
        sink_text(sink, "\xef\xbf\xbd");
        break;
    case SINK_PLAIN:
        sink_text(sink, "?");
        break;
    }
}

/* The replacement of a visible character; NULL = itself. */
static const char *replacement(enum sink_escape how, uint32_t code)
{
    switch (how == SINK_PLAIN ? 0 : code) {
    case '"':
        return how == SINK_JSON ? "\\\"" : "&quot;";
    case '\\':
        return how == SINK_JSON ? "\\\\" : NULL;
    case '&':
        return how == SINK_HTML ? "&amp;" : NULL;
    case '\'':
        return how == SINK_HTML ? "&#39;" : NULL;
    case '<':
        return how == SINK_HTML ? "&lt;" : NULL;
    case '>':
        return how == SINK_HTML ? "&gt;" : NULL;
    default:
        return NULL;
    }
}

void sink_escaped(struct sink *sink, enum sink_escape how, const char *text, size_t limit)
{
    const unsigned char *at = (const unsigned char *)text;
    const unsigned char *nul = text ? memchr(text, 0, limit) : NULL;
    const unsigned char *end = nul || !text ? nul : at + limit;
    while (at != end) {
        const unsigned char *start = at;
        uint32_t code = take_character(&at, end);
        const char *instead = replacement(how, code);
        if (is_hidden(code))
            put_hidden(sink, how, code);
        else if (instead)
            sink_text(sink, instead);
        else
            sink_bytes(sink, (const char *)start, (size_t)(at - start));
    }
}

/* The string ends at its NUL, however long it is. */
static void put_string(struct sink *sink, enum sink_escape how, const char *text)
{
    if (text)
        sink_escaped(sink, how, text, strlen(text));
}

void sink_json_string(struct sink *sink, const char *text)
{
    if (!text) {
        sink_text(sink, "null");
        return;
    }
    sink_bytes(sink, "\"", 1);
    put_string(sink, SINK_JSON, text);
    sink_bytes(sink, "\"", 1);
}

void sink_html_text(struct sink *sink, const char *text)
{
    put_string(sink, SINK_HTML, text);
}

void sink_plain_text(struct sink *sink, const char *text)
{
    put_string(sink, SINK_PLAIN, text);
}
