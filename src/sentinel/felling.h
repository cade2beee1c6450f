/* How a sentinel fells: asks first where it is to, forces, reports. One that has a wrapper beside
 * it tells the wrapper first, and acts itself when that does not. */
#ifndef TREEFALL_SENTINEL_FELLING_H
#define TREEFALL_SENTINEL_FELLING_H

#include "sentinel/sentinel.h"

/* Fells for sentinel->trigger, unless another guard does; the state is DONE once that is over. */
void felling_begin(struct sentinel *sentinel, int64_t now_ms);
/* False if the wrapper cannot be told. */
bool felling_tell_wrapper(struct sentinel *sentinel, int64_t now_ms);
/* In STATE_FALLING, each turn. */
void felling_go_on(struct sentinel *sentinel, int64_t now_ms);

#endif
