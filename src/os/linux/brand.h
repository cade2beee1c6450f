#ifndef TREEFALL_OS_LINUX_BRAND_H
#define TREEFALL_OS_LINUX_BRAND_H

#include "base/error.h"
#include "core/brand.h"

/* As os_brand_get, but a process that we could not signal anyway costs no file. */
struct error brand_get_signalable(int32_t pid, struct brand_pair *out);
/* By the system call alone: of our own user's processes, or of all if we may raise limits. */
bool brand_get_own(int32_t pid, struct brand_pair *out);

#endif
