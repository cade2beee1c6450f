/* The answer of the files in this folder: the system does not have it, and a guard works
 * without. */
#ifndef TREEFALL_OS_NONE_ABSENT_H
#define TREEFALL_OS_NONE_ABSENT_H

#include "base/error.h"

#include <stddef.h>

static inline struct error absent(const char *what)
{
    return error_make(ERROR_UNSUPPORTED, 0, what, NULL);
}

#endif
