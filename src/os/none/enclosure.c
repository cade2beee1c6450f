/* A running process cannot be enclosed. */
#include "os/enclosure.h"

#include "os/none/absent.h"

struct error os_enclosure_make(struct os_container *out)
{
    (void)out;
    return absent("enclose a process that runs");
}

struct error os_enclosure_enter(const struct os_container *container)
{
    (void)container;
    return absent("enclose a process that runs");
}

void os_enclosure_leave(const struct os_container *container)
{
    (void)container;
}
