#include "cli/option.h"

#include "base/duration.h"
#include "os/child.h"
#include "os/signal_name.h"

#include <string.h>

#define PID_MAX   INT32_MAX /* on Linux the limit is 4194304, on Windows it is higher */
#define COUNT_MAX 4194304

const char option_too_many[] = "is one too many";

/* Returns `base` if it is not a digit of that base. */
static unsigned digit_value(char digit, unsigned base)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *found = digit != '\0' ? strchr(digits, digit) : NULL;
    if (!found)
        return base;
    unsigned value = (unsigned)(found - digits);
    value -= value > 15 ? 6 : 0;
    return value < base ? value : base;
}

/* Accepts only digits of that base, up to `max`. */
static bool digits_parse(const char *text, size_t length, unsigned base, int64_t max, int64_t *out)
{
    int64_t number = 0;
    if (length == 0)
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned value = digit_value(text[i], base);
        number = number * base + value;
        if (value == base || number > max)
            return false;
    }
    *out = number;
    return true;
}

static bool number_parse(const char *text, size_t length, int64_t max, int64_t *out)
{
    return digits_parse(text, length, 10, max, out);
}

/* Windows statuses are known in hexadecimal form: 0xC000013A. */
static bool status_parse(const char *text, size_t length, int64_t *out)
{
    bool hexadecimal = length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    if (hexadecimal)
        return digits_parse(text + 2, length - 2, 16, os_status_most(), out);
    return number_parse(text, length, os_status_most(), out);
}

static const char *store_budget(const struct option *option, const char *value, void *field)
{
    (void)option;
    enum duration_fault fault = duration_parse(value, field);
    return fault == DURATION_OK ? NULL : duration_fault_text(fault);
}

static const char *store_duration(const struct option *option, const char *value, void *field)
{
    int64_t ms = 0;
    const char *clause = store_budget(option, value, &ms);
    if (clause)
        return clause;
    if (ms == 0)
        return "would kill the tree at once";
    *(int64_t *)field = ms;
    return NULL;
}

static const char *store_count(const struct option *option, const char *value, void *field)
{
    int64_t number = 0;
    (void)option;
    if (!number_parse(value, strlen(value), COUNT_MAX, &number) || number == 0)
        return "is not a valid number of processes";
    *(int64_t *)field = number;
    return NULL;
}

const char *option_store_pid(const char *value, int32_t *out)
{
    int64_t number = 0;
    if (!number_parse(value, strlen(value), PID_MAX, &number) || number == 0)
        return "is not a pid";
    *out = (int32_t)number;
    return NULL;
}

static const char *store_pid(const struct option *option, const char *value, void *field)
{
    (void)option;
    return option_store_pid(value, field);
}

static const char *store_caller(const struct option *option, const char *value, void *field)
{
    struct setting_caller caller = {CALLER_PROCESS, 0, value};
    const char *clause = NULL;
    (void)option;
    if (strcmp(value, "session") == 0)
        caller.choice = CALLER_SESSION;
    else if (strcmp(value, "none") == 0)
        caller.choice = CALLER_NONE;
    else
        clause = option_store_pid(value, &caller.pid);
    if (!clause)
        *(struct setting_caller *)field = caller;
    return clause;
}

static const char *store_signal(const struct option *option, const char *value, void *field)
{
    (void)option;
    return signal_by_name(value, strlen(value), field) ? NULL : "is not a signal";
}

static const char *store_text(const struct option *option, const char *value, void *field)
{
    (void)option;
    if (*value == '\0')
        return "is empty";
    *(const char **)field = value;
    return NULL;
}

static const char *store_texts(const struct option *option, const char *value, void *field)
{
    struct setting_texts *texts = field;
    if (texts->count == option->limit)
        return option_too_many;
    const char *clause = store_text(option, value, &texts->items[texts->count]);
    texts->count += !clause;
    return clause;
}

static const char *store_word(const struct option *option, const char *value, void *field)
{
    for (unsigned i = 0; option->words[i]; i++) {
        if (strcmp(option->words[i], value) == 0) {
            *(unsigned *)field = i;
            return NULL;
        }
    }
    return "is not a valid value";
}

static const char *store_yes_no(const struct option *option, const char *value, void *field)
{
    bool yes = strcmp(value, "yes") == 0;
    (void)option;
    if (!yes && strcmp(value, "no") != 0)
        return "is not a valid value";
    *(bool *)field = yes;
    return NULL;
}

static const char *store_routes(const struct option *option, const char *value, void *field)
{
    uint32_t routes = 0;
    (void)option;
    for (const char *at = value;; at++) {
        size_t length = strcspn(at, ",");
        enum route route = ROUTE_COUNT;
        if (!route_by_name(at, length, &route))
            return "contains an unknown route";
        routes |= 1U << route;
        at += length;
        if (*at == '\0')
            break;
    }
    *(uint32_t *)field |= routes;
    return NULL;
}

/* ---- A=B --------------------------------------------------------------------------------------
 */

/* The last mapping of `from` counts. */
static const char *store_map(struct setting_maps *maps, size_t limit, struct setting_map map)
{
    size_t i = 0;
    while (i < maps->count && maps->items[i].from != map.from)
        i++;
    if (i == limit)
        return option_too_many;
    maps->items[i] = map;
    maps->count += i == maps->count;
    return NULL;
}

static const char *store_map_signal(const struct option *option, const char *value, void *field)
{
    int from = 0;
    int to = 0;
    size_t length = strcspn(value, "=");
    const char *second = value + length + (value[length] == '=');
    if (value[length] != '=' || !signal_by_name(value, length, &from))
        return "is not a pair of signals";
    if (strcmp(second, "0") != 0 && !signal_by_name(second, strlen(second), &to))
        return "is not a pair of signals";
    return store_map(field, option->limit, (struct setting_map){(uint32_t)from, (uint32_t)to});
}

static const char *store_map_status(const struct option *option, const char *value, void *field)
{
    int64_t from = 0;
    int64_t to = 0;
    size_t length = strcspn(value, "=");
    const char *second = value + length + (value[length] == '=');
    if (value[length] != '=' || !status_parse(value, length, &from) ||
        !status_parse(second, strlen(second), &to))
        return "is not a pair of statuses";
    return store_map(field, option->limit, (struct setting_map){(uint32_t)from, (uint32_t)to});
}

/* A flag has no value, so this is never called. */
static const char *store_nothing(const struct option *option, const char *value, void *field)
{
    (void)option;
    (void)value;
    (void)field;
    return "is not expected";
}

typedef const char *store_value(const struct option *option, const char *value, void *field);

static store_value *const stores[OPTION_KIND_COUNT] = {
    [OPTION_FLAG] = store_nothing,          [OPTION_NO_FLAG] = store_nothing,
    [OPTION_DURATION] = store_duration,     [OPTION_BUDGET] = store_budget,
    [OPTION_COUNT] = store_count,           [OPTION_PID] = store_pid,
    [OPTION_SIGNAL] = store_signal,         [OPTION_TEXT] = store_text,
    [OPTION_TEXTS] = store_texts,           [OPTION_WORD] = store_word,
    [OPTION_YES_NO] = store_yes_no,         [OPTION_ROUTES] = store_routes,
    [OPTION_MAP_SIGNAL] = store_map_signal, [OPTION_MAP_STATUS] = store_map_status,
    [OPTION_CALLER] = store_caller,
};

const char *option_store(const struct option *option, const char *value, void *field)
{
    return stores[option->kind](option, value, field);
}
