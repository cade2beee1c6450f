/* The end of standard input. */
#ifndef TREEFALL_OS_INPUT_H
#define TREEFALL_OS_INPUT_H

#include "base/error.h"
#include "os/handle.h"

#include <stdbool.h>

/* Whether this system tells of it. */
bool os_has_input_end(void);
/* A handle that is readable once the other end of standard input is closed: a pipe without a
 * writer, a socket whose peer sends no more, a terminal that hung up. Nothing is read.
 * ERROR_REFUSED for what has no other end. */
struct error os_input_watch(os_handle *out);

#endif
