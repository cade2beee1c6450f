/* Users by their numbers, if the numbers are distinct. */
#ifndef TREEFALL_OS_LINUX_USER_H
#define TREEFALL_OS_LINUX_USER_H

#include <stdbool.h>
#include <stdint.h>

/* Whether the number may stand for any user that our user namespace does not map: all of those look
 * alike (/proc/sys/kernel/overflowuid). Such a number alone proves nothing. */
bool user_is_ambiguous(uint32_t user);

#endif
