/* Ctrl+C, for a process and what it starts. */
#ifndef TREEFALL_OS_INTERRUPTS_H
#define TREEFALL_OS_INTERRUPTS_H

#include <stdbool.h>

/* While `deaf`, neither we nor what we start hears the console's Ctrl+C, and what was started stays
 * so. Nothing where interrupts come from a terminal: there a child decides itself. */
void os_interrupts_ignore(bool deaf);

#endif
