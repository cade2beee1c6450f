/* Numbers that are kept from passing to other processes. */
#ifndef TREEFALL_OS_PIN_H
#define TREEFALL_OS_PIN_H

#include "core/process.h"

/* While anybody names it as a parent it has a row in each pass, be it dead (PROCESS_DEAD). Where a
 * dead parent's children are given another one, nobody does, and this has no effect. */
void os_scan_pin(struct process_identity id);

#endif
