#ifndef TREEFALL_OS_LINUX_BRAND_H
#define TREEFALL_OS_LINUX_BRAND_H

#include "base/error.h"
#include "core/brand.h"

/* As os_brand_get, but opens no file for a process that we could not signal anyway. */
struct error brand_get_signalable(int32_t pid, struct brand_pair *out);
/* Uses only the system call, so it works for our own user's processes, or for all if we may raise
 * limits. */
bool brand_get_own(int32_t pid, struct brand_pair *out);

#endif
