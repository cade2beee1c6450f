/* The process whose end ends the tree of `run`. */
#ifndef TREEFALL_OS_CALLER_H
#define TREEFALL_OS_CALLER_H

#include "base/error.h"
#include "os/handle.h"

#include <stdbool.h>
#include <stdint.h>

/* Each gives a handle that becomes readable when such a process may have ended: os_caller_is_lost
 * tells. All guards of a tree share it. OS_NO_HANDLE = there is none to follow.
 *
 * The process that started us, and the one that started our session where that has no terminal.
 * After os_signals_take: nohup and a script's background job are told by the signals they ignore.
 */
void os_caller_watch_parent(os_handle *out);
/* The leader of our session. ERROR_REFUSED if there is no other process that leads it. */
struct error os_caller_watch_session(os_handle *out);
struct error os_caller_watch_process(int32_t pid, os_handle *out);
/* Before the command runs: a script that has left a background job by now did so on purpose, where
 * the system does not tell how it ended. */
void os_caller_begin(os_handle caller);
/* Whether one of them ended in a way that counts. One that left us in order is let go of. */
bool os_caller_is_lost(os_handle caller);

#endif
