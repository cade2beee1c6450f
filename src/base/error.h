/* An error as a value: what kind, what the system said, what was tried, what the user can do.
 * Functions that can fail return one; code ERROR_NONE is success. The strings are static. */
#ifndef TREEFALL_BASE_ERROR_H
#define TREEFALL_BASE_ERROR_H

#include <stddef.h>

enum error_code {
    ERROR_NONE = 0,
    ERROR_USAGE,       /* the caller's words are off */
    ERROR_GONE,        /* the process is dead already: most callers take this as success */
    ERROR_REFUSED,     /* we will not: pid 1, ourselves, an ancestor, an unproven process */
    ERROR_DENIED,      /* the system will not let us */
    ERROR_UNSUPPORTED, /* this machine cannot */
    ERROR_UNSAFE,      /* a path that another user could steer */
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
