/* The pair that watches for `treefall watch`: the partner does nothing but take the place of the
 * one that it is a partner of. */
#ifndef TREEFALL_WATCH_PAIR_H
#define TREEFALL_WATCH_PAIR_H

#include "watch/watch.h"

/* Starts a partner (again): sentinel.partner, which watch->dismissal ends. */
struct error pair_start(struct watch *watch);

#endif
