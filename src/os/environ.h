/* What a process says of itself in its environment. */
#ifndef TREEFALL_OS_ENVIRON_H
#define TREEFALL_OS_ENVIRON_H

#include "core/brand.h"
#include "core/process.h"

#include <stdbool.h>
#include <stdint.h>

/* TREEFALL_WARD of `pid`, "WARD:START:BRAND": says whose tree it was started in. A hint, to be
 * confirmed by the brand: a process can write what it likes there. */
bool os_environ_ward(int32_t pid, struct process_identity *ward, char brand[BRAND_TEXT_BYTES]);

#endif
