/* Names of signals: TERM, SIGTERM, 15, RTMIN+3. The numbers differ per OS, and so does the
 * implementation. */
#ifndef TREEFALL_OS_SIGNAL_NAME_H
#define TREEFALL_OS_SIGNAL_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* Upper and lower case, with and without SIG. */
bool signal_by_name(const char *text, size_t length, int *out);
/* "TERM", "RTMIN+3", static. NULL if there is no such signal. */
const char *signal_name(int number);
/* How a signal can be written, for people. */
const char *signal_forms(void);

#endif
