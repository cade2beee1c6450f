#include "cli/command.h"
#include "cli/detach.h"
#include "cli/say.h"

#include "sentinel/order_send.h"

static bool fill_led(const struct watch *watch, struct order_led *led)
{
    const struct watch_settings *settings = watch->settings;
    *led = (struct order_led){
        .ask_signal = settings->grace_ms > 0 ? settings->signal : 0,
        .without = settings->without,
        .closing_ms = settings->grace_ms,
    };
    bool fits = !settings->heartbeat ||
                !os_path_absolute(settings->heartbeat, led->heartbeat, sizeof led->heartbeat).code;
    return fits && order_add_texts(led, &settings->reports, &settings->keep);
}

static struct error send(const struct watch *watch, os_handle channel, enum escape escape)
{
    static struct order order;
    static struct order_led led;
    const struct watch_settings *settings = watch->settings;
    order = (struct order){
        .version = ORDER_VERSION,
        .ward = watch->scope.ward.id,
        .kill_delay_ms = settings->kill_delay_ms,
        .startup_grace_ms = settings->startup_grace_ms,
        .stop_budget_ms = settings->grace_ms,
        .hold_when_stopped = settings->hold_when_stopped,
        .led = true,
        .escape = escape,
    };
    return fill_led(watch, &led)
               ? order_send(channel, &order, &led)
               : error_make(ERROR_SYSTEM, 0, "start the sentinel", "its paths are too long");
}

/* Nobody dismisses it: it watches until the tree falls, or it is ended itself. */
static struct error converse(struct watch *watch, struct attestation *attestation)
{
    os_handle ends[2];
    os_handle dismissal;
    enum escape escape = ESCAPE_NONE;
    struct error error = os_channel_open(ends);
    if (!error.code)
        error = os_dismissal_make(&dismissal);
    if (error.code)
        return error;
    const os_handle handles[] = {ends[1], OS_NO_HANDLE, dismissal};
    error = order_start(handles, sizeof handles / sizeof *handles, &escape);
    if (!error.code)
        error = send(watch, ends[0], escape);
    return error.code ? error : order_await(ends[0], attestation);
}

static void take_routes(struct watch *watch, uint32_t armed)
{
    for (int route = 0; route < ROUTE_COUNT; route++)
        if (armed & 1u << route)
            scope_armed(&watch->scope, (enum route)route);
}

int watch_detach(struct watch *watch)
{
    struct attestation attestation;
    struct error error = converse(watch, &attestation);
    if (error.code)
        return watch_report_error(error, watch->settings);
    if (attestation.confined)
        say_line("no way leads out of the job around us: the sentinel ends with it");
    take_routes(watch, attestation.armed);
    watch_print_armed(watch, attestation.self.pid);
    return 0;
}
