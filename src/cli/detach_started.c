#include "cli/command.h"
#include "cli/detach.h"
#include "plan/say.h"

#include "plan/order_send.h"
#include "watch/watch_order.h"

/* Nothing dismisses the sentinel: it watches until the tree is killed, or the sentinel itself is
 * terminated. */
static struct error place(const struct watch *watch, struct attestation *attestation)
{
    static struct order order;
    static struct order_led led;
    os_handle dismissal;
    struct error error = watch_order(watch, &order, &led);
    if (!error.code)
        error = os_dismissal_make(&dismissal);
    return error.code ? error
                      : order_place(&order, &led, dismissal, ORDER_ATTEST_PAIR_MS, attestation);
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
    struct error error = place(watch, &attestation);
    if (error.code)
        return watch_report_error(error, watch->settings);
    if (attestation.confined)
        say_line(
            "the sentinel could not leave the job around treefall: it ends when that job does");
    take_routes(watch, attestation.armed);
    watch_print_armed(watch, attestation.self.pid);
    return 0;
}
