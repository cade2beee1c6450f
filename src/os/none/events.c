/* There is no event when a process is made. */
#include "os/events.h"

#include "os/none/absent.h"

struct error os_events_watch(enum os_event_kind kind, os_handle *out)
{
    (void)kind;
    (void)out;
    return absent("receive events of new processes");
}

struct error os_events_prove(void)
{
    return absent("receive events of new processes");
}

enum os_events_left os_events_read(os_handle handle, os_event_told *told, void *context)
{
    (void)handle;
    (void)told;
    (void)context;
    return OS_EVENTS_NONE;
}
