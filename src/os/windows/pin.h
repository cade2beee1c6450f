/* Processes whose numbers are kept from passing to others, as a handle of each is open: a child
 * goes on naming its parent when that is dead, and proves by it that it belongs. */
#ifndef TREEFALL_OS_WINDOWS_PIN_H
#define TREEFALL_OS_WINDOWS_PIN_H

#include "os/windows/win.h"

/* Around one pass over the process table, each row of which is shown here. */
void pin_begin(void);
void pin_show(const struct process_row *row);
/* The dead that are still named get a row; those that nobody names are let go. */
void pin_end(os_scan_row *row, void *context);

#endif
