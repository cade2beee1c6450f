/* The process whose exit ends the tree of `run`. */
#ifndef TREEFALL_OS_CALLER_H
#define TREEFALL_OS_CALLER_H

#include "base/error.h"
#include "os/handle.h"

#include <stdbool.h>
#include <stdint.h>

/* Each function gives a handle that becomes readable when such a process may have exited;
 * os_caller_is_lost decides. All guards of a tree share the handle. OS_NO_HANDLE = there is no
 * process to follow. os_caller_watch_parent follows the process that started us, and the process
 * that started our session if that has no terminal. Call it after os_signals_take: nohup and a
 * script's background job are recognised by the signals that they ignore. */
void os_caller_watch_parent(os_handle *out);
/* Follows the leader of our session. ERROR_REFUSED if no other process leads it. */
struct error os_caller_watch_session(os_handle *out);
struct error os_caller_watch_process(int32_t pid, os_handle *out);
/* Call before the command runs. If the system does not tell how a process exited, a script that has
 * left a background job by now did so on purpose. */
void os_caller_begin(os_handle caller);
/* Whether a followed process exited in a way that counts. A process that left us properly is no
 * longer followed. */
bool os_caller_is_lost(os_handle caller);

#endif
