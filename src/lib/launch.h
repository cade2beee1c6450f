/* Starting a sentinel for a handle. */
#ifndef TREEFALL_LIB_LAUNCH_H
#define TREEFALL_LIB_LAUNCH_H

#include "lib/handle.h"

/* Returns when the new sentinel has attested: TREEFALL_OK, or why not. One at a time in a process:
 * others wait. */
int launch_sentinel(struct treefall *guard);
/* The handle's sentinel is not one of this process any more. */
void launch_forget(struct treefall *guard);

#endif
