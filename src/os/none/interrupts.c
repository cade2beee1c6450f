/* Interrupts come from a terminal: there a child decides itself. */
#include "os/interrupts.h"

void os_interrupts_ignore(bool deaf)
{
    (void)deaf;
}
