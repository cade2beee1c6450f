/* Requests to stop, noticed natively in somebody else's process. */
#ifndef TREEFALL_OS_STOP_NOTICE_H
#define TREEFALL_OS_STOP_NOTICE_H

#include <stdbool.h>

/* From now on `told` is called with the signal whenever somebody asks this process to stop (SIGINT,
 * SIGTERM), in the context of a signal handler, before the handler that was there; where there is
 * none, never. Called again now and then: a handler that was set anew since is chained anew. One
 * caller at a time. */
void os_stop_notice_take(void (*told)(int signal));
/* Puts back what was there, where nobody has put his own above. Returns when `told` runs nowhere.
 */
void os_stop_notice_drop(void);
/* Returns when every call of `told` that had begun is over. Not for signal handlers. */
void os_stop_notice_settle(void);

#endif
