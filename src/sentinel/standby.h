/* A sentinel that stands by: it only waits, and takes the place of the sentinel that started it
 * when that is lost. */
#ifndef TREEFALL_SENTINEL_STANDBY_H
#define TREEFALL_SENTINEL_STANDBY_H

#include "plan/order.h"
#include "tree/scope.h"

/* Starts a sentinel with our order, in place of `*out`, which has exited. Returns once the new one
 * has attested. Closes what was in `*dismissal`; dismissing the new handle ends the new
 * sentinel. */
struct error standby_start(const struct order *order, const struct order_led *led,
                           os_handle *dismissal, struct os_process *out);

/* For a sentinel that stands by, once it is armed. True when its turn has come, false when it is no
 * longer needed. It looks at the tree every `look_ms`, because primary and ward may be killed
 * together. The handle of the primary stays open, so that its number, which is protected, cannot
 * pass to another process. */
bool standby_await_turn(struct scope *scope, os_handle dismissal, const struct os_process *primary,
                        int64_t look_ms);

#endif
