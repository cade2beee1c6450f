/* Out of every job that may take a sentinel down with its ward. */
#ifndef TREEFALL_OS_WINDOWS_ESCAPE_H
#define TREEFALL_OS_WINDOWS_ESCAPE_H

#include "os/windows/start.h"

/* Starts it by the first rung that is proven to lead out; by none, if there is none: it then
 * outlives its ward, and not the job. */
bool escape_start(struct start *start, enum escape *escape);

#endif
