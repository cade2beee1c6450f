/* Preventing the reuse of process numbers. */
#ifndef TREEFALL_OS_PIN_H
#define TREEFALL_OS_PIN_H

#include "core/process.h"

/* While any process names `id` as its parent, each pass has a row for it, even if it is dead
 * (PROCESS_DEAD). On systems that reparent orphans, no process names a dead parent, and this has no
 * effect. */
void os_scan_pin(struct process_identity id);

#endif
