/* The end of standard input. */
#ifndef TREEFALL_OS_INPUT_H
#define TREEFALL_OS_INPUT_H

#include "base/error.h"
#include "os/handle.h"

#include <stdbool.h>

/* Whether this system reports it. */
bool os_has_input_end(void);
/* A handle that is readable once the other end of standard input is closed: a pipe without a
 * writer, a socket whose peer sends no more, a terminal that hung up. No input is read.
 * ERROR_REFUSED for an input that has no other end. */
struct error os_input_watch(os_handle *out);

#endif
