/* The reserve, where guards are forks of the wrapper: a third guard that does nothing but wait. */
#ifndef TREEFALL_RUN_RESERVE_H
#define TREEFALL_RUN_RESERVE_H

#include "run/wrapper.h"

/* In the sentinel. Nothing happens if the guard is dismissed already, or there is no memory. */
void reserve_start(struct wrapper *wrapper);

/* run/guards_forked.c: for a guard that killed the tree, or saw it killed. A wrapper that was
 * stopped holds its tree's handles, and tidies up itself when it goes on: it is waited for. */
void guards_await_wrapper(struct wrapper *wrapper);

#endif
