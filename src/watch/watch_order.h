/* `treefall watch` as an order to a sentinel that is a program of its own. */
#ifndef TREEFALL_WATCH_WATCH_ORDER_H
#define TREEFALL_WATCH_WATCH_ORDER_H

#include "plan/order.h"
#include "watch/watch.h"

/* Fails if the paths do not fit. */
struct error watch_order(const struct watch *watch, struct order *order, struct order_led *led);

#endif
