#include "os/linux/handle.h"
#include "os/linux/sys.h"
#include "os/os.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SEND_TRIES    20
#define SEND_PAUSE_NS 1000000

static struct error channel_failed(int os_code)
{
    return error_make(ERROR_SYSTEM, os_code, "create a channel between the guards",
                      sys_advice(os_code));
}

struct error os_channel_open(os_handle ends[2])
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
        return channel_failed(errno);
    for (int i = 0; i < 2; i++)
        ends[i] = handle_above_streams(pair[i]);
    if (ends[0] >= 0 && ends[1] >= 0)
        return ERROR_OK;
    int os_code = errno;
    os_handle_close(&ends[0]);
    os_handle_close(&ends[1]);
    return channel_failed(os_code);
}

struct error os_dismissal_make(os_handle *out)
{
    return os_nudge_make(out);
}

static void tell(int event)
{
    while (eventfd_write(event, 1) < 0 && errno == EINTR)
        ;
}

void os_dismiss(os_handle dismissal)
{
    if (dismissal != OS_NO_HANDLE)
        tell((int)dismissal);
}

struct error os_nudge_make(os_handle *out)
{
    int fd = handle_above_streams(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (fd < 0)
        return error_make(ERROR_SYSTEM, errno, "create an eventfd", sys_advice(errno));
    *out = fd;
    return ERROR_OK;
}

void os_nudge(os_handle nudge)
{
    int os_code = errno; /* errno of the code that a signal handler interrupted */
    tell((int)nudge);
    errno = os_code;
}

bool os_nudge_hear(os_handle nudge)
{
    eventfd_t count;
    return eventfd_read((int)nudge, &count) == 0;
}

static bool is_passing(int os_code)
{
    return os_code == EINTR || os_code == EAGAIN || os_code == ENOBUFS || os_code == ENOMEM;
}

/* The message is sent only once and the other end waits for it: a short lack of memory must not
 * lose it. */
bool os_channel_transmit(os_handle channel, const void *message, size_t size)
{
    const struct timespec pause = {0, SEND_PAUSE_NS};
    ssize_t sent = send((int)channel, message, size, MSG_NOSIGNAL);
    for (int tries = 1; sent < 0 && is_passing(errno) && tries < SEND_TRIES; tries++) {
        nanosleep(&pause, NULL);
        sent = send((int)channel, message, size, MSG_NOSIGNAL);
    }
    return sent == (ssize_t)size;
}

bool os_channel_receive(os_handle channel, void *message, size_t size, bool *closed)
{
    ssize_t got;
    do
        got = recv((int)channel, message, size, 0);
    while (got < 0 && errno == EINTR);
    *closed = got == 0 || (got < 0 && errno != EAGAIN);
    return got == (ssize_t)size;
}

bool os_channel_send(os_handle channel, const struct channel_message *message)
{
    return os_channel_transmit(channel, message, sizeof *message);
}

bool os_channel_read(os_handle channel, struct channel_message *out, bool *closed)
{
    return os_channel_receive(channel, out, sizeof *out, closed);
}
