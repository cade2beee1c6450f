/* Processes whose numbers cannot be reused, because a handle of each is open. A child still names
 * its parent when that is dead, and this proves its membership. */
#ifndef TREEFALL_OS_WINDOWS_PIN_H
#define TREEFALL_OS_WINDOWS_PIN_H

#include "os/windows/win.h"

/* Call around one pass over the process table. Each row of the pass is shown here. */
void pin_begin(void);
void pin_show(const struct process_row *row);
/* Dead processes that are still named get a row; those that no process names are released. */
void pin_end(os_scan_row *row, void *context);

#endif
