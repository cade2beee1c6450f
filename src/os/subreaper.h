/* Orphans of the tree. */
#ifndef TREEFALL_OS_SUBREAPER_H
#define TREEFALL_OS_SUBREAPER_H

#include "base/error.h"

/* Orphans of the tree become our children. */
struct error os_subreaper_become(void);

#endif
