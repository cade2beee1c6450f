#include "watch/watch_order.h"

#include "plan/order_send.h"

static bool fill_led(const struct watch_settings *settings, struct order_led *led)
{
    *led = (struct order_led){
        .ask_signal = settings->grace_ms > 0 ? settings->signal : 0,
        .without = settings->without,
        .closing_ms = settings->grace_ms,
    };
    bool fits = !settings->heartbeat ||
                !os_path_absolute(settings->heartbeat, led->heartbeat, sizeof led->heartbeat).code;
    return fits && order_add_texts(led, &settings->reports, &settings->keep);
}

struct error watch_order(const struct watch *watch, struct order *order, struct order_led *led)
{
    const struct watch_settings *settings = watch->settings;
    *order = (struct order){
        .version = ORDER_VERSION,
        .ward = watch->scope.ward.id,
        .kill_delay_ms = settings->kill_delay_ms,
        .startup_grace_ms = settings->startup_grace_ms,
        .stop_budget_ms = settings->grace_ms,
        .exit_grace_ms = settings->exit_grace_ms,
        .rest_signal = settings->signal,
        .hold_when_stopped = settings->hold_when_stopped,
        .led = true,
    };
    return fill_led(settings, led)
               ? ERROR_OK
               : error_make(ERROR_SYSTEM, 0, "start the sentinel", "its paths are too long");
}
