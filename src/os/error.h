/* System errors: their text, and where our callers look for the code. */
#ifndef TREEFALL_OS_ERROR_H
#define TREEFALL_OS_ERROR_H

#include <stddef.h>

/* The text of a system error code, cut off if it is too long: in `text`, or static. */
const char *os_error_text(int os_code, char *text, size_t capacity);
/* Sets what a program reads after a failed call, per thread: errno, or GetLastError() on Windows. 0
 * = the failure is not the system's. */
void os_error_tell(int os_code);
int os_error_told(void);

#endif
