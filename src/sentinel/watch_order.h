/* `treefall watch` as an order to a sentinel that is a program of its own. */
#ifndef TREEFALL_SENTINEL_WATCH_ORDER_H
#define TREEFALL_SENTINEL_WATCH_ORDER_H

#include "sentinel/order.h"
#include "sentinel/watch.h"

/* Fails where the paths do not fit. */
struct error watch_order(const struct watch *watch, struct order *order, struct order_led *led);

#endif
