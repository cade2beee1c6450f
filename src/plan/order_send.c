#include "plan/order_send.h"

#include <string.h>

#define SENTINEL "treefall-sentinel"

static struct error failed(const char *advice)
{
    return error_make(ERROR_SYSTEM, 0, "start the sentinel", advice);
}

bool order_copy(char *place, size_t capacity, const char *text)
{
    size_t length = strlen(text);
    if (length >= capacity)
        return false;
    memcpy(place, text, length + 1);
    return true;
}

static bool add(struct order_led *led, size_t *at, const struct setting_texts *texts,
                bool are_paths)
{
    for (size_t i = 0; i < texts->count; i++) {
        char *place = led->words + *at;
        size_t room = ORDER_WORDS_BYTES - *at;
        bool fits = are_paths ? !os_path_absolute(texts->items[i], place, room).code
                              : order_copy(place, room, texts->items[i]);
        if (!fits)
            return false;
        *at += strlen(place) + 1;
    }
    return true;
}

bool order_add_texts(struct order_led *led, const struct setting_texts *reports,
                     const struct setting_texts *keep)
{
    size_t used = 0;
    led->report_count = (uint32_t)reports->count;
    led->keep_count = (uint32_t)keep->count;
    return add(led, &used, reports, true) && add(led, &used, keep, false);
}

struct error order_start(const os_handle *handles, size_t count, enum escape *escape)
{
    char path[ORDER_PATH_BYTES];
    if (!os_path_beside(SENTINEL, path, sizeof path) || !os_is_program(path))
        return failed("treefall-sentinel is not beside treefall: install it there");
    struct os_orphan orphan;
    struct error error = os_spawn_orphan(path, handles, count, &orphan);
    if (!error.code)
        *escape = orphan.escape;
    return error;
}

struct error order_send(os_handle channel, const struct order *order, const struct order_led *led)
{
    return os_channel_transmit(channel, order, sizeof *order) &&
                   os_channel_transmit(channel, led, sizeof *led)
               ? ERROR_OK
               : failed("it was killed before it could watch: start again");
}

struct error order_await(os_handle channel, int64_t limit_ms, struct attestation *out)
{
    struct clock_reading now;
    uint32_t ready = 0;
    bool closed = false;
    os_clock(&now);
    struct error error = os_wait(&channel, 1, now.now_ms + limit_ms, &ready);
    if (error.code)
        return error;
    if (!os_channel_receive(channel, out, sizeof *out, &closed) || out->version != ORDER_VERSION)
        return failed(ready == 0
                          ? "it did not answer in time: it is stopped, or the machine is too busy"
                          : "treefall-sentinel beside treefall has another version, or it "
                            "was killed: reinstall treefall, or start again");
    if (out->code != ERROR_NONE)
        return error_make(out->code, out->os_code, "arm the sentinel", NULL);
    return ERROR_OK;
}

struct error order_place(struct order *order, const struct order_led *led, os_handle dismissal,
                         int64_t limit_ms, struct attestation *out)
{
    os_handle ends[2];
    struct error error = os_channel_open(ends);
    if (error.code)
        return error;
    const os_handle handles[] = {ends[1], OS_NO_HANDLE, dismissal};
    error = order_start(handles, sizeof handles / sizeof *handles, &order->escape);
    if (!error.code)
        error = order_send(ends[0], order, led);
    if (!error.code)
        error = order_await(ends[0], limit_ms, out);
    os_handle_close(&ends[0]);
    os_handle_close(&ends[1]);
    return error;
}
