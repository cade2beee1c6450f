#include "watch/watch_order.h"

#include "plan/order_send.h"

static bool fill_led(const struct watch_settings *settings, struct order_led *led)
{
    *led = (struct order_led){0};
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
        .plan = watch_plan(settings),
        .led = true,
    };
    return fill_led(settings, led) ? ERROR_OK
                                   : error_make(ERROR_SYSTEM, 0, "start the sentinel",
                                                "its paths are too long: use shorter ones");
}
