/* Leaving every job that could kill a sentinel together with its ward. */
#ifndef TREEFALL_OS_WINDOWS_ESCAPE_H
#define TREEFALL_OS_WINDOWS_ESCAPE_H

#include "os/windows/start.h"

/* Starts the process by the first rung that is proven to lead out of the job. If there is none, it
 * is started without: it then outlives its ward, but not the job. */
bool escape_start(struct start *start, enum escape *escape);

#endif
