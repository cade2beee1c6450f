/* Starting a sentinel for a handle. */
#ifndef TREEFALL_LIB_LAUNCH_H
#define TREEFALL_LIB_LAUNCH_H

#include "lib/handle.h"

/* Returns when the new sentinel has attested: TREEFALL_OK, or an error. One launch at a time in a
 * process: others wait. */
int launch_sentinel(struct treefall *guard);
/* The sentinel of the handle no longer counts as one of this process's sentinels. */
void launch_forget(struct treefall *guard);

#endif
