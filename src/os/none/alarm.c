/* There is no timer that several processes can hold. */
#include "os/alarm.h"

#include "os/none/absent.h"

struct error os_alarm_make(os_handle *out)
{
    (void)out;
    return absent("create a timer");
}

void os_alarm_set(os_handle alarm, int64_t at_ms)
{
    (void)alarm;
    (void)at_ms;
}
