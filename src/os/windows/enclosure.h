#ifndef TREEFALL_OS_WINDOWS_ENCLOSURE_H
#define TREEFALL_OS_WINDOWS_ENCLOSURE_H

#include <stdbool.h>

/* Whether this process is in its own enclosure, which no child of ours can leave. */
bool enclosure_is_around_us(void);

#endif
