/* Nothing stays, or no lock tells whether it is in use. */
#include "os/leftovers.h"

void os_leftovers_remove(void)
{
}
