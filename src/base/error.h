/* An error as a value: its kind, the system's code, what was tried, and what the user can do. A
 * function that can fail returns one; code ERROR_NONE is success. The strings are static. */
#ifndef TREEFALL_BASE_ERROR_H
#define TREEFALL_BASE_ERROR_H

#include <stddef.h>

enum error_code {
    ERROR_NONE = 0,
    ERROR_USAGE,       /* the caller's arguments are wrong */
    ERROR_GONE,        /* the process is already dead: most callers treat this as success */
    ERROR_REFUSED,     /* treefall refuses: pid 1, itself, an ancestor, an unproven process */
    ERROR_DENIED,      /* the system denies it */
    ERROR_UNSUPPORTED, /* this machine does not support it */
    ERROR_UNSAFE,      /* another user could redirect the path */
    ERROR_NOT_FOUND,
    ERROR_NO_MEMORY,
    ERROR_TIMEOUT,
    ERROR_SYSTEM,
};

struct error {
    enum error_code code;
    int os_code;        /* errno or GetLastError(), 0 if none */
    const char *what;   /* what was tried: "open the heartbeat file" */
    const char *advice; /* what the user can do, or NULL */
};

#define ERROR_OK ((struct error){0})

static inline struct error error_make(enum error_code code, int os_code, const char *what,
                                      const char *advice)
{
    return (struct error){code, os_code, what, advice};
}

#endif
