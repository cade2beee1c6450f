/* A sentinel that stands by: it does nothing but wait, and takes the place of the one that started
 * it when that is lost. */
#ifndef TREEFALL_SENTINEL_STANDBY_H
#define TREEFALL_SENTINEL_STANDBY_H

#include "plan/order.h"
#include "tree/scope.h"

/* Starts one with our order, in place of `*out`, which has ended. Returns once it has attested.
 * What was in `*dismissal` is closed; a sign there ends it. */
struct error standby_start(const struct order *order, const struct order_led *led,
                           os_handle *dismissal, struct os_process *out);

/* In the one that stands by, once it is armed: true when it is its turn, false when it is not
 * needed any more. It looks at the tree every `look_ms`: primary and ward may be killed together.
 * The primary stays open: its number, which is spared, is nobody else's then. */
bool standby_await_turn(struct scope *scope, os_handle dismissal, const struct os_process *primary,
                        int64_t look_ms);

#endif
