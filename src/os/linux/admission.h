/* Files that their owner and some named users may write to, and no other user. */
#ifndef TREEFALL_OS_LINUX_ADMISSION_H
#define TREEFALL_OS_LINUX_ADMISSION_H

#include <stddef.h>
#include <stdint.h>

/* Only these users and the owner may read and write `name` from now on. */
void admission_give(int folder, const char *name, const uint32_t *users, size_t count);

#endif
