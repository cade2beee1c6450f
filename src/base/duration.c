#include "base/duration.h"

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const struct {
    const char *name;
    int64_t ms;
} units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}, {"", 1000}};
#define UNIT_COUNT (sizeof units / sizeof *units)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static enum duration_fault unit_parse(const char *text, int64_t *out_ms)
{
    for (size_t i = 0; i < UNIT_COUNT; i++) {
        if (strcmp(text, units[i].name) == 0) {
            *out_ms = units[i].ms;
            return DURATION_OK;
        }
    }
    return DURATION_UNKNOWN_UNIT;
}

/* Parses the whole part. Instead of overflowing, it saturates at a value that is too long in any
 * unit. */
static const char *whole_parse(const char *text, int64_t *out)
{
    int64_t whole = 0;
    for (; is_digit(*text); text++)
        if (whole <= DURATION_MAX_MS)
            whole = whole * 10 + (*text - '0');
    *out = whole;
    return text;
}

/* The part after the point, in units of `unit_ms`, rounded up. Digits too small to count are only
 * checked for being zero. */
static int64_t fraction_ms(const char *digits, int64_t unit_ms)
{
    const int64_t places_max = 10000000000;
    int64_t value = 0;
    int64_t places = 1;
    bool more = false;
    for (; is_digit(*digits); digits++) {
        if (places == places_max) {
            more |= *digits != '0';
            continue;
        }
        value = value * 10 + (*digits - '0');
        places *= 10;
    }
    int64_t scaled = value * unit_ms;
    return scaled / places + (scaled % places > 0 || more);
}

enum duration_fault duration_parse(const char *text, int64_t *out_ms)
{
    if (*text == '\0')
        return DURATION_EMPTY;
    if (*text == '-' && (is_digit(text[1]) || text[1] == '.'))
        return DURATION_NEGATIVE;
    int64_t whole = 0;
    const char *end = whole_parse(text, &whole);
    const char *fraction = *end == '.' ? end + 1 : end;
    const char *unit = fraction;
    while (is_digit(*unit) && fraction != end)
        unit++;
    if (end == text && unit == fraction)
        return DURATION_NOT_A_NUMBER;
    int64_t unit_ms = 0;
    enum duration_fault fault = unit_parse(unit, &unit_ms);
    if (fault != DURATION_OK)
        return fault;
    if (whole > DURATION_MAX_MS / unit_ms)
        return DURATION_TOO_LONG;
    int64_t ms = whole * unit_ms + (fraction == end ? 0 : fraction_ms(fraction, unit_ms));
    if (ms > DURATION_MAX_MS)
        return DURATION_TOO_LONG;
    *out_ms = ms;
    return DURATION_OK;
}

const char *duration_fault_text(enum duration_fault fault)
{
    switch (fault) {
    case DURATION_OK:
        return "is fine";
    case DURATION_EMPTY:
        return "is empty";
    case DURATION_NOT_A_NUMBER:
        return "is not a duration";
    case DURATION_NEGATIVE:
        return "is negative";
    case DURATION_UNKNOWN_UNIT:
        return "has an unknown unit";
    case DURATION_TOO_LONG:
        return "is longer than 10 years";
    }
    return "is not a duration";
}

void duration_write(struct sink *sink, int64_t ms)
{
    size_t i = 0;
    while (i + 2 < UNIT_COUNT && ms % units[i].ms != 0)
        i++;
    bool broken = units[i].ms == 1 && ms > 1000; /* 1500ms reads better as 1.5s */
    sink_number(sink, broken ? ms / 1000 : ms / units[i].ms);
    if (broken) {
        char digits[] = ".000";
        text_field(digits + 1, (unsigned)(ms % 1000), 3);
        for (size_t last = 3; digits[last] == '0'; last--)
            digits[last] = '\0';
        sink_text(sink, digits);
    }
    if (ms != 0)
        sink_text(sink, broken ? "s" : units[i].name);
}
