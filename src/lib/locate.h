/* Finding treefall-sentinel. */
#ifndef TREEFALL_LIB_LOCATE_H
#define TREEFALL_LIB_LOCATE_H

#include <stdbool.h>

#define LOCATE_BYTES 4096

/* `given`, or $TREEFALL_SENTINEL, or beside the library, or where it was installed. `path`, which
 * starts at the root, has LOCATE_BYTES. */
bool locate_sentinel(const char *given, char *path);

#endif
