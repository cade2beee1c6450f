/* The sentinel as a program of its own: it is told all that it has to know. It has no reserve:
 * where it is lost together with the wrapper, the kernel fells the tree (the container). */
#include "run/wrapper.h"

#include "core/sink.h"
#include "sentinel/order.h"

#include <string.h>

#define SENTINEL  "treefall-sentinel"
#define ATTEST_MS 10000

static struct error failed(const char *advice)
{
    return error_make(ERROR_SYSTEM, 0, "start the sentinel", advice);
}

/* ---- the order ---- */

static bool copy(char *place, size_t capacity, const char *text)
{
    size_t length = strlen(text);
    if (length >= capacity)
        return false;
    memcpy(place, text, length + 1);
    return true;
}

static bool add_words(struct order_led *led, size_t *at, const struct setting_texts *texts,
                      bool are_paths)
{
    for (size_t i = 0; i < texts->count; i++) {
        char *place = led->words + *at;
        size_t room = ORDER_WORDS_BYTES - *at;
        bool fits = are_paths ? !os_path_absolute(texts->items[i], place, room).code
                              : copy(place, room, texts->items[i]);
        if (!fits)
            return false;
        *at += strlen(place) + 1;
    }
    return true;
}

static bool fill_led(const struct wrapper *wrapper, struct order_led *led)
{
    const struct run_settings *settings = wrapper->settings;
    const struct beats *beats = &wrapper->watch.beats;
    struct sink command = {.buffer = led->command, .capacity = ORDER_COMMAND_BYTES - 1};
    size_t used = 0;
    *led = (struct order_led){
        .wrapper = wrapper->self.id,
        .closing_ms = settings->grace_ms,
        .report_count = (uint32_t)settings->reports.count,
        .keep_count = (uint32_t)settings->keep.count,
    };
    for (char **word = settings->command; *word; word++) {
        sink_text(&command, word == settings->command ? "" : " ");
        sink_text(&command, *word);
    }
    led->command[command.used] = '\0';
    if (beats->source == BEATS_FILE) {
        led->is_file_ours = beats->file.ours;
        led->ward_began_ms = beats->file.ours ? 0 : wrapper->started.now_ms;
        if (!copy(led->heartbeat, sizeof led->heartbeat, beats->file.path))
            return false;
    }
    return add_words(led, &used, &settings->reports, true) &&
           add_words(led, &used, &settings->keep, false);
}

static struct order order_for(const struct wrapper *wrapper, enum escape escape)
{
    const struct run_settings *settings = wrapper->settings;
    return (struct order){
        .version = ORDER_VERSION,
        .ward = wrapper->scope.ward.id,
        .kill_delay_ms = settings->kill_delay_ms,
        .startup_grace_ms = settings->startup_grace_ms,
        .stop_budget_ms = settings->grace_ms,
        .hold_when_stopped = settings->hold_when_stopped,
        .enclosed = wrapper->scope.container.handle != OS_NO_HANDLE,
        .led = true,
        .escape = escape,
    };
}

static bool send_order(struct wrapper *wrapper)
{
    static struct order order;
    static struct order_led led;
    order = order_for(wrapper, wrapper->scope.guarantee.escape);
    return fill_led(wrapper, &led) && os_channel_transmit(wrapper->channel, &order, sizeof order) &&
           os_channel_transmit(wrapper->channel, &led, sizeof led);
}

/* ---- the start ---- */

/* It ends when it has no channel to anybody. */
static struct error renew_channel(struct wrapper *wrapper)
{
    os_handle ends[2];
    os_handle_close(&wrapper->channel);
    os_handle_close(&wrapper->channel_far);
    struct error error = os_channel_open(ends);
    if (error.code)
        return error;
    wrapper->channel = ends[0];
    wrapper->channel_far = ends[1];
    return ERROR_OK;
}

bool wrapper_sentinel_is_early(const struct wrapper *wrapper)
{
    (void)wrapper;
    return false;
}

struct error wrapper_begin_sentinel(struct wrapper *wrapper)
{
    char path[ORDER_PATH_BYTES];
    enum escape *escape = &wrapper->scope.guarantee.escape;
    struct error error = renew_channel(wrapper);
    if (!error.code)
        error = os_dismissal_make(&wrapper->watch.dismissal);
    if (error.code)
        return error;
    const os_handle handles[] = {wrapper->channel_far, OS_NO_HANDLE, wrapper->watch.dismissal,
                                 OS_NO_HANDLE, wrapper->scope.container.handle};
    size_t count = sizeof handles / sizeof *handles;
    if (!os_path_beside(SENTINEL, path, sizeof path) || !os_is_program(path))
        return failed("treefall-sentinel belongs beside treefall: install it there");
    error = os_spawn_orphan(path, handles, count, escape);
    if (error.code)
        return error;
    return send_order(wrapper) ? ERROR_OK : failed("it was killed before it could watch");
}

void wrapper_tell_ward(struct wrapper *wrapper)
{
    (void)wrapper; /* the order names it */
}

struct error wrapper_await_sentinel(struct wrapper *wrapper)
{
    struct attestation attestation;
    struct clock_reading now;
    uint32_t ready = 0;
    bool closed = false;
    os_clock(&now);
    struct error error = os_wait(&wrapper->channel, 1, now.now_ms + ATTEST_MS, &ready);
    if (error.code)
        return error;
    if (!os_channel_receive(wrapper->channel, &attestation, sizeof attestation, &closed) ||
        attestation.version != ORDER_VERSION)
        return failed(ready == 0 ? "it did not answer"
                                 : "treefall-sentinel beside treefall is "
                                   "another version's, or it was killed");
    if (attestation.code != ERROR_NONE)
        return error_make(attestation.code, attestation.os_code, "arm the sentinel", NULL);
    return os_process_open(attestation.self, &wrapper->sentinel);
}

void wrapper_end_guards(struct wrapper *wrapper)
{
    os_dismiss(wrapper->watch.dismissal);
    os_guard_reap(&wrapper->sentinel);
    os_handle_close(&wrapper->watch.dismissal);
}
