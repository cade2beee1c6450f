/* Stop requests, noticed natively in a host process. */
#ifndef TREEFALL_OS_STOP_NOTICE_H
#define TREEFALL_OS_STOP_NOTICE_H

#include <stdbool.h>

/* From now on `told` is called with the signal whenever this process is asked to stop (SIGINT,
 * SIGTERM). It runs in the context of a signal handler, before the previous handler. If there was
 * no handler, it is never called. Call again now and then: a handler that was set since then is
 * chained anew. One caller at a time. */
void os_stop_notice_take(void (*told)(int signal));
/* Restores the previous handlers, unless another handler was installed on top. Returns when `told`
 * is not running anywhere. */
void os_stop_notice_drop(void);
/* Returns when every call of `told` that had begun is over. Not for signal handlers. */
void os_stop_notice_settle(void);

#endif
