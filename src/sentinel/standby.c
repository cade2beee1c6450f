#include "sentinel/standby.h"

#include "plan/order_send.h"
#include "tree/lookout.h"

static struct error identify_ourselves(struct process_identity *out)
{
    struct process_row row = {0};
    struct error error = os_process_row(os_process_self(), &row);
    if (!error.code)
        *out = row.id;
    return error;
}

struct error standby_start(const struct order *order, const struct order_led *led,
                           os_handle *dismissal, struct os_process *out)
{
    static struct order its_order;
    static struct order_led its_led;
    struct attestation attestation;
    its_order = *order;
    its_led = *led;
    os_process_close(out);
    os_handle_close(dismissal);
    struct error error = identify_ourselves(&its_led.primary);
    if (!error.code)
        error = os_dismissal_make(dismissal);
    if (!error.code)
        error = order_place(&its_order, &its_led, *dismissal, ORDER_ATTEST_MS, &attestation);
    if (!error.code)
        error = os_process_open(attestation.self, out);
    if (error.code)
        os_dismiss(*dismissal); /* a sentinel that starts too late then exits */
    return error;
}

/* Zero when only the time is up. */
static uint32_t await_sign(const os_handle handles[2], int64_t look_ms)
{
    struct clock_reading now;
    uint32_t ready = 0;
    os_clock(&now);
    return os_wait(handles, 2, now.now_ms + look_ms, &ready).code ? 1 : ready;
}

bool standby_await_turn(struct scope *scope, os_handle dismissal, const struct os_process *primary,
                        int64_t look_ms)
{
    const os_handle handles[] = {dismissal, primary->handle};
    uint32_t ready;
    while ((ready = await_sign(handles, look_ms)) == 0)
        lookout_refresh(scope);
    return !(ready & 1);
}
