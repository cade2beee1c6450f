/* The brand: a mark that is inherited and cannot be removed. */
#ifndef TREEFALL_OS_BRAND_H
#define TREEFALL_OS_BRAND_H

#include "base/error.h"
#include "core/brand.h"
#include "os/process.h"

#include <stdbool.h>
#include <stdint.h>

struct error os_brand_get(int32_t pid, struct brand_pair *out);
/* Sets the brand of a process; NULL = ourselves. ERROR_GONE if the process has exited: then the
 * next owner of its number does not keep the brand. */
struct error os_brand_set(const struct os_process *process, struct brand_pair pair);
/* Whether a member of the tree could lose its brand, because we have the right to raise limits. */
bool os_may_raise_limits(void);

#endif
