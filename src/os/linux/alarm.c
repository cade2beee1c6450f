#include "os/linux/handle.h"
#include "os/linux/sys.h"
#include "os/os.h"

#include <errno.h>
#include <sys/timerfd.h>

struct error os_alarm_make(os_handle *out)
{
    int fd = handle_above_streams(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
    if (fd < 0)
        return error_make(ERROR_SYSTEM, errno, "create a timer", sys_advice(errno));
    *out = fd;
    return ERROR_OK;
}

void os_alarm_set(os_handle alarm, int64_t at_ms)
{
    struct itimerspec at = {.it_value = {at_ms / 1000, at_ms % 1000 * 1000000}};
    if (alarm == OS_NO_HANDLE)
        return;
    if (at_ms == OS_FOREVER)
        at.it_value = (struct timespec){0};
    timerfd_settime((int)alarm, TFD_TIMER_ABSTIME, &at, NULL);
}
