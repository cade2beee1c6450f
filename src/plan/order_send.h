/* The sentinel as a program of its own, for a program that cannot fork one: starting it, sending
 * its order, waiting for its answer. */
#ifndef TREEFALL_PLAN_ORDER_SEND_H
#define TREEFALL_PLAN_ORDER_SEND_H

#include "os/os.h"
#include "plan/order.h"
#include "plan/settings.h"

/* How long to wait for a sentinel. One that starts a partner first takes longer. */
#define ORDER_ATTEST_MS      10000
#define ORDER_ATTEST_PAIR_MS 40000

/* Adds the texts of an order, one after the other. False if they do not fit. Paths become
 * absolute. */
bool order_add_texts(struct order_led *led, const struct setting_texts *reports,
                     const struct setting_texts *keep);
bool order_copy(char *place, size_t capacity, const char *text);
/* Starts the sentinel installed beside us. `handles` are its handles from ORDER_CHANNEL on. */
struct error order_start(const os_handle *handles, size_t count, enum escape *escape);
struct error order_send(os_handle channel, const struct order *order, const struct order_led *led);
/* Waits for the attestation. The error may be the sentinel's own. */
struct error order_await(os_handle channel, int64_t limit_ms, struct attestation *out);
/* All of the above in one, for a sentinel that gets no further messages. It exits when `dismissal`
 * is signalled, or when its work is done. The order records how it left the job around us. */
struct error order_place(struct order *order, const struct order_led *led, os_handle dismissal,
                         int64_t limit_ms, struct attestation *out);

#endif
