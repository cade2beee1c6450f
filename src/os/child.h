/* Our children, and their ends. */
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
    uint32_t status; /* the code or the signal */
};
enum os_reaped { REAPED_ONE, REAPED_NONE_NOW, REAPED_NO_CHILDREN };
/* The largest code that a process here can end with. */
uint32_t os_status_most(void);
/* Takes one change of state without waiting. */
enum os_reaped os_child_reap(struct os_exit *out);
bool os_has_children(void);
/* The pids of our own living children, `capacity` at most. */
size_t os_children(int32_t *pids, size_t capacity);
/* Those of another process of one thread. */
size_t os_children_of(int32_t parent, int32_t *pids, size_t capacity);

#endif
