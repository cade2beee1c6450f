/* How a sentinel kills a tree: it asks first if the plan says so, then forces, then reports. A
 * sentinel that has a wrapper tells the wrapper first, and acts itself if the wrapper does not. */
#ifndef TREEFALL_SENTINEL_FELLING_H
#define TREEFALL_SENTINEL_FELLING_H

#include "sentinel/sentinel.h"

/* Kills the tree for sentinel->trigger, unless another guard does. The state is DONE once that is
 * over. */
void felling_begin(struct sentinel *sentinel, int64_t now_ms);
/* False if the wrapper cannot be reached. */
bool felling_tell_wrapper(struct sentinel *sentinel, int64_t now_ms);
/* Call each turn in STATE_FALLING. */
void felling_go_on(struct sentinel *sentinel, int64_t now_ms);

#endif
