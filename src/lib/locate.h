/* Finding treefall-sentinel. */
#ifndef TREEFALL_LIB_LOCATE_H
#define TREEFALL_LIB_LOCATE_H

#include <stdbool.h>

#define LOCATE_BYTES 4096

/* Tries `given`, then $TREEFALL_SENTINEL, then beside the library, then the installed path. `path`
 * becomes absolute, and has LOCATE_BYTES. */
bool locate_sentinel(const char *given, char *path);

#endif
