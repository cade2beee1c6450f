/* What the system says of a failure, and where its callers look for that. */
#ifndef TREEFALL_OS_ERROR_H
#define TREEFALL_OS_ERROR_H

#include <stddef.h>

/* One of the system's codes in words, cut off when they are too many: in `text`, or static. */
const char *os_error_text(int os_code, char *text, size_t capacity);
/* Where a program looks after a call that failed, of this thread: errno, on Windows
 * GetLastError(). 0 = the system has no part in it. */
void os_error_tell(int os_code);
int os_error_told(void);

#endif
