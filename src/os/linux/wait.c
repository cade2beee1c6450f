#include "os/linux/ready.h"
#include "os/os.h"

#include <errno.h>
#include <time.h>

#define US_PER_S 1000000

/* A guard that cannot wait stops watching, so a short lack of memory is waited out. A host may
 * receive many signals: they are no failure. */
#define TRIES_AT_MOST 100
#define PAUSE_NS      1000000

/* To the microsecond: a wait rounded up to a millisecond would delay every kill by that much. */
static struct timespec time_left(int64_t until_ms)
{
    struct clock_reading now;
    os_clock(&now);
    if (until_ms <= now.now_ms)
        return (struct timespec){0};
    int64_t seconds = (until_ms - now.now_ms) / 1000;
    int64_t us = (until_ms - now.now_ms) % 1000 * 1000 - now.now_us % 1000;
    if (us < 0) { /* then there is at least one whole second to borrow from */
        seconds--;
        us += US_PER_S;
    }
    return (struct timespec){seconds, us * 1000};
}

struct error os_wait(const os_handle *handles, size_t count, int64_t until_ms, uint32_t *ready)
{
    const struct timespec pause = {0, PAUSE_NS};
    struct pollfd polled[OS_WAIT_MAX];
    size_t places[OS_WAIT_MAX];
    nfds_t used = 0;
    uint32_t found = 0;
    int got;
    int tries = 0;
    /* Absent handles are left out: more entries than RLIMIT_NOFILE allows are refused. */
    for (size_t i = 0; i < count && i < OS_WAIT_MAX; i++)
        if (handles[i] != OS_NO_HANDLE) {
            places[used] = i;
            polled[used++] = (struct pollfd){.fd = (int)handles[i], .events = POLLIN};
        }
    do {
        if (tries > 0)
            nanosleep(&pause, NULL);
        struct timespec left = until_ms == OS_FOREVER ? (struct timespec){0} : time_left(until_ms);
        got = ready_wait(polled, used, until_ms == OS_FOREVER ? NULL : &left);
        tries += got < 0 && errno != EINTR;
    } while (got < 0 && tries < TRIES_AT_MOST);
    if (got < 0)
        return error_make(ERROR_SYSTEM, errno, "wait for events", NULL);
    for (nfds_t i = 0; i < used; i++)
        if (polled[i].revents != 0)
            found |= 1u << places[i];
    *ready = found;
    return ERROR_OK;
}
