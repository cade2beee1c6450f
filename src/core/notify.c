#include "core/notify.h"

#include "base/text.h"

#include <stddef.h>
#include <string.h>

/* One line: `name` = `value`, not terminated. */
struct line {
    const char *name;
    size_t name_length;
    const char *value;
    size_t value_length;
};

static bool equals(const char *bytes, size_t length, const char *text)
{
    return strlen(text) == length && memcmp(bytes, text, length) == 0;
}

/* 0 when the value is not a number or does not fit. */
static int64_t microseconds(const struct line *line)
{
    uint64_t number = 0;
    bool is_number = text_to_number(line->value, line->value_length, &number);
    return is_number && number <= INT64_MAX ? (int64_t)number : 0;
}

static void keep_status(const struct line *line, char *status)
{
    size_t length = line->value_length;
    if (length >= NOTIFY_STATUS_BYTES) {
        length = NOTIFY_STATUS_BYTES - 1;
        while (length > 0 && (line->value[length] & 0xc0) == 0x80)
            length--;
    }
    memcpy(status, line->value, length);
    status[length] = '\0';
}

static void take_flag(const struct line *line, struct notify_fields *out)
{
    const struct {
        const char *name;
        const char *value;
        bool *field;
    } flags[] = {
        {"READY", "1", &out->ready},       {"RELOADING", "1", &out->reloading},
        {"STOPPING", "1", &out->stopping}, {"WATCHDOG", "trigger", &out->watchdog_trigger},
        {"WATCHDOG", "1", &out->watchdog}, {"BARRIER", "1", &out->barrier},
    };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (equals(line->name, line->name_length, flags[i].name) &&
            equals(line->value, line->value_length, flags[i].value))
            *flags[i].field = true;
}

static void take_line(const struct line *line, struct notify_fields *out)
{
    take_flag(line, out);
    if (out->watchdog_usec == 0 && equals(line->name, line->name_length, "WATCHDOG_USEC"))
        out->watchdog_usec = microseconds(line);
    if (out->extend_usec == 0 && equals(line->name, line->name_length, "EXTEND_TIMEOUT_USEC"))
        out->extend_usec = microseconds(line);
    if (out->status[0] == '\0' && equals(line->name, line->name_length, "STATUS"))
        keep_status(line, out->status);
}

void notify_parse(const char *text, struct notify_fields *out)
{
    *out = (struct notify_fields){0};
    for (const char *end; *text != '\0'; text = *end == '\n' ? end + 1 : end) {
        end = text + strcspn(text, "\n");
        const char *sign = memchr(text, '=', (size_t)(end - text));
        if (sign == NULL)
            continue;
        struct line line = {text, (size_t)(sign - text), sign + 1, (size_t)(end - sign - 1)};
        take_line(&line, out);
    }
}
