/* Our children, and how they exit. */
#ifndef TREEFALL_OS_CHILD_H
#define TREEFALL_OS_CHILD_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum os_exit_kind { EXIT_CODE, EXIT_SIGNAL, EXIT_STOPPED, EXIT_CONTINUED };
struct os_exit {
    int32_t pid;
    enum os_exit_kind kind;
    uint32_t status; /* the exit code or the signal */
};
enum os_reaped { REAPED_ONE, REAPED_NONE_NOW, REAPED_NO_CHILDREN };
/* The largest exit code of a process on this system. */
uint32_t os_status_most(void);
/* Reads one change of state without waiting. */
enum os_reaped os_child_reap(struct os_exit *out);

#endif
