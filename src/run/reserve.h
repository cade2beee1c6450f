/* The reserve, if the guards are forks of the wrapper: a third guard that only waits. */
#ifndef TREEFALL_RUN_RESERVE_H
#define TREEFALL_RUN_RESERVE_H

#include "run/wrapper.h"

/* Call in the sentinel. Nothing happens if the guard is dismissed already, or there is no
 * memory. */
void reserve_start(struct wrapper *wrapper);

/* run/guards_forked.c: for a guard that killed the tree, or saw it killed. A wrapper that was
 * stopped still has the handles of its tree, and tidies up when it goes on: wait for it. */
void guards_await_wrapper(struct wrapper *wrapper);

#endif
