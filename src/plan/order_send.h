/* The sentinel as a program of its own, for who cannot fork one: started, told, heard. */
#ifndef TREEFALL_PLAN_ORDER_SEND_H
#define TREEFALL_PLAN_ORDER_SEND_H

#include "os/os.h"
#include "plan/order.h"
#include "plan/settings.h"

/* How long one is waited for; one that has to start a partner first takes longer. */
#define ORDER_ATTEST_MS      10000
#define ORDER_ATTEST_PAIR_MS 40000

/* The texts of an order, one after the other; false when they do not fit. Paths go from the root.
 */
bool order_add_texts(struct order_led *led, const struct setting_texts *reports,
                     const struct setting_texts *keep);
bool order_copy(char *place, size_t capacity, const char *text);
/* Starts what lies beside us; `handles` are its ORDER_CHANNEL and on. */
struct error order_start(const os_handle *handles, size_t count, enum escape *escape);
struct error order_send(os_handle channel, const struct order *order, const struct order_led *led);
/* Waits for the attestation; the error may be the sentinel's own. */
struct error order_await(os_handle channel, int64_t limit_ms, struct attestation *out);
/* All of these in one, for a sentinel that is told nothing more: it ends by a sign at `dismissal`,
 * or with its work. How it got out of the job around us is put into the order. */
struct error order_place(struct order *order, const struct order_led *led, os_handle dismissal,
                         int64_t limit_ms, struct attestation *out);

#endif
