/* The sentinel as a program of its own: the order tells it all that it must know. It has no
 * reserve: if it is lost together with the wrapper, the kernel kills the tree (the container). */
#include "run/wrapper.h"

#include "base/sink.h"
#include "plan/order_send.h"

/* ---- the order ---- */

static bool fill_led(const struct wrapper *wrapper, struct order_led *led)
{
    const struct run_settings *settings = wrapper->settings;
    const struct beats *beats = &wrapper->watch.beats;
    struct sink command = {.buffer = led->command, .capacity = ORDER_COMMAND_BYTES - 1};
    *led = (struct order_led){.wrapper = wrapper->self.id};
    for (char **word = settings->command; *word; word++) {
        sink_text(&command, word == settings->command ? "" : " ");
        sink_text(&command, *word);
    }
    led->command[command.used] = '\0';
    if (beats->source == BEATS_FILE) {
        led->is_file_ours = beats->file.ours;
        led->ward_began_ms = beats->file.ours ? 0 : wrapper->started.now_ms;
        if (!order_copy(led->heartbeat, sizeof led->heartbeat, beats->file.path))
            return false;
    }
    return order_add_texts(led, &settings->reports, &settings->keep);
}

static struct order order_for(const struct wrapper *wrapper, enum escape escape)
{
    const struct run_settings *settings = wrapper->settings;
    return (struct order){
        .version = ORDER_VERSION,
        .ward = wrapper->scope.ward.id,
        .plan = settings->plan,
        .enclosed = wrapper->scope.container.handle != OS_NO_HANDLE,
        .led = true,
        .escape = escape,
    };
}

static struct error send_order(struct wrapper *wrapper)
{
    static struct order order;
    static struct order_led led;
    order = order_for(wrapper, wrapper->scope.guarantee.escape);
    return fill_led(wrapper, &led) ? order_send(wrapper->channel, &order, &led)
                                   : error_make(ERROR_SYSTEM, 0, "start the sentinel",
                                                "its paths are too long: use shorter ones");
}

/* ---- the start ---- */

/* No memory is shared with a program that is started. */
struct pact *wrapper_make_pact(void)
{
    return NULL;
}

/* A sentinel that was started before exits when its channel is closed. */
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
    struct error error = renew_channel(wrapper);
    if (!error.code)
        error = os_dismissal_make(&wrapper->watch.dismissal);
    if (error.code)
        return error;
    const os_handle handles[] = {
        wrapper->channel_far, OS_NO_HANDLE, wrapper->watch.dismissal,
        OS_NO_HANDLE,         OS_NO_HANDLE, wrapper->scope.container.handle};
    error =
        order_start(handles, sizeof handles / sizeof *handles, &wrapper->scope.guarantee.escape);
    return error.code ? error : send_order(wrapper);
}

void wrapper_tell_ward(struct wrapper *wrapper)
{
    (void)wrapper; /* the order names the ward */
}

struct error wrapper_await_sentinel(struct wrapper *wrapper)
{
    struct attestation attestation;
    struct error error = order_await(wrapper->channel, ORDER_ATTEST_MS, &attestation);
    return error.code ? error : os_process_open(attestation.self, &wrapper->sentinel);
}

void wrapper_end_guards(struct wrapper *wrapper)
{
    os_dismiss(wrapper->watch.dismissal);
    os_guard_reap(&wrapper->sentinel);
    os_handle_close(&wrapper->watch.dismissal);
}
