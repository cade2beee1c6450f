/* The pair that watches for `treefall watch`: a primary, and a partner that only takes the
 * primary's place. */
#ifndef TREEFALL_WATCH_PAIR_H
#define TREEFALL_WATCH_PAIR_H

#include "watch/watch.h"

/* Starts a partner (again), as sentinel.partner. watch->dismissal ends it. */
struct error pair_start(struct watch *watch);

#endif
