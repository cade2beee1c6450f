/* What a process's environment says about it. */
#ifndef TREEFALL_OS_ENVIRON_H
#define TREEFALL_OS_ENVIRON_H

#include "core/brand.h"
#include "core/process.h"

#include <stdbool.h>
#include <stdint.h>

/* TREEFALL_WARD of `pid`, "WARD:START:BRAND": the tree that it was started in. It is only a hint,
 * which the brand must confirm, because a process can write anything there. */
bool os_environ_ward(int32_t pid, struct process_identity *ward, char brand[BRAND_TEXT_BYTES]);

#endif
