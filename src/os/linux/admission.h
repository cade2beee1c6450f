/* Files that only their owner and some named users may write to. */
#ifndef TREEFALL_OS_LINUX_ADMISSION_H
#define TREEFALL_OS_LINUX_ADMISSION_H

#include <stddef.h>
#include <stdint.h>

/* From now on only these users and the owner may read and write `name`. */
void admission_give(int folder, const char *name, const uint32_t *users, size_t count);

#endif
