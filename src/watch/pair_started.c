/* The partner as a program of its own, which gets the same order as we would. */
#include "watch/pair.h"

#include "sentinel/standby.h"
#include "watch/watch_order.h"

struct error pair_start(struct watch *watch)
{
    static struct order order;
    static struct order_led led;
    protected_remove(&watch->scope.protected, watch->sentinel.partner.id.pid);
    if (os_process_ended(&watch->scope.ward)) /* a dead ward is killed first */
        return error_make(ERROR_GONE, 0, "start a partner", NULL);
    struct error error = watch_order(watch, &order, &led);
    if (!error.code)
        error = standby_start(&order, &led, &watch->dismissal, &watch->sentinel.partner);
    if (!error.code)
        protected_add(&watch->scope.protected, watch->sentinel.partner.id.pid);
    return error;
}
