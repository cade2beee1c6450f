#include "os/os.h"

#include <errno.h>
#include <poll.h>
#include <sys/select.h>
#include <time.h>

#define US_PER_S 1000000

/* A guard that cannot wait watches no more: a moment's want of memory is waited out. Signals of a
 * host's may rain: they are no failure. */
#define TRIES_AT_MOST 100
#define PAUSE_NS      1000000

/* To the microsecond: a wait rounded up to a millisecond would make every fall late by that. */
static struct timespec time_left(int64_t until_ms)
{
    struct clock_reading now;
    os_clock(&now);
    if (until_ms <= now.now_ms)
        return (struct timespec){0};
    int64_t seconds = (until_ms - now.now_ms) / 1000;
    int64_t us = (until_ms - now.now_ms) % 1000 * 1000 - now.now_us % 1000;
    if (us < 0) { /* then there is a whole second */
        seconds--;
        us += US_PER_S;
    }
    return (struct timespec){seconds, us * 1000};
}

/* RLIMIT_NOFILE bounds the number of poll's entries, also of descriptors that are open already; it
 * does not bound select's. */
static int select_instead(struct pollfd *polled, nfds_t used, const struct timespec *left)
{
    fd_set wanted;
    int end = 0;
    FD_ZERO(&wanted);
    for (nfds_t i = 0; i < used; i++) {
        if (polled[i].fd >= FD_SETSIZE) {
            errno = EINVAL;
            return -1;
        }
        FD_SET(polled[i].fd, &wanted);
        end = polled[i].fd < end ? end : polled[i].fd + 1;
    }
    int got = pselect(end, &wanted, NULL, NULL, left, NULL);
    for (nfds_t i = 0; i < used; i++)
        polled[i].revents = got > 0 && FD_ISSET(polled[i].fd, &wanted) ? POLLIN : 0;
    return got;
}

static int wait_once(struct pollfd *polled, nfds_t used, const struct timespec *left)
{
    int got = ppoll(polled, used, left, NULL);
    return got < 0 && errno == EINVAL ? select_instead(polled, used, left) : got;
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
    /* Absent ones are left out: more entries than RLIMIT_NOFILE allows are refused. */
    for (size_t i = 0; i < count && i < OS_WAIT_MAX; i++)
        if (handles[i] != OS_NO_HANDLE) {
            places[used] = i;
            polled[used++] = (struct pollfd){.fd = (int)handles[i], .events = POLLIN};
        }
    do {
        if (tries > 0)
            nanosleep(&pause, NULL);
        struct timespec left = until_ms == OS_FOREVER ? (struct timespec){0} : time_left(until_ms);
        got = wait_once(polled, used, until_ms == OS_FOREVER ? NULL : &left);
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
