/* Users by their numbers, where the numbers tell them apart. */
#ifndef TREEFALL_OS_LINUX_USER_H
#define TREEFALL_OS_LINUX_USER_H

#include <stdbool.h>
#include <stdint.h>

/* The number may be that of any user that our user namespace does not map: all of those look alike
 * (/proc/sys/kernel/overflowuid). Nothing is proven by it alone. */
bool user_is_ambiguous(uint32_t user);

#endif
