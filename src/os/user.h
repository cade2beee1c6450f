/* Users, by number. */
#ifndef TREEFALL_OS_USER_H
#define TREEFALL_OS_USER_H

#include "base/error.h"

#include <stdint.h>

/* Our own user (the effective one). */
uint32_t os_user(void);
/* The real user of a process: the user that started it, even if it executes another user's
 * program. */
struct error os_process_user(int32_t pid, uint32_t *out);

#endif
