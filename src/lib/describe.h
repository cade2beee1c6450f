/* What a guard guarantees, in words. */
#ifndef TREEFALL_LIB_DESCRIBE_H
#define TREEFALL_LIB_DESCRIBE_H

#include "base/sink.h"
#include "lib/handle.h"

void describe_guarantee(const struct treefall *guard, struct sink *sink);

#endif
