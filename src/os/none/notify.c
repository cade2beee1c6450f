/* No sd_notify sockets. */
#include "os/notify.h"

bool os_has_notify(void)
{
    return false;
}

struct error os_notify_open(struct os_notify *out)
{
    (void)out;
    return error_make(ERROR_UNSUPPORTED, 0, "open a notify socket",
                      "this system has no such sockets: use --heartbeat FILE");
}

bool os_notify_read(struct os_notify *notify, struct notify_message *out)
{
    (void)notify;
    (void)out;
    return false;
}

void os_notify_clear(struct os_notify *notify)
{
    (void)notify;
}

void os_notify_close(struct os_notify *notify)
{
    (void)notify;
}
