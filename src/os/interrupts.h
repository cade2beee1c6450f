/* Ctrl+C, for a process and its children. */
#ifndef TREEFALL_OS_INTERRUPTS_H
#define TREEFALL_OS_INTERRUPTS_H

#include <stdbool.h>

/* While `deaf`, neither we nor the processes that we start receive the console's Ctrl+C; started
 * processes stay that way. Does nothing if interrupts come from a terminal, because there a child
 * decides itself. */
void os_interrupts_ignore(bool deaf);

#endif
