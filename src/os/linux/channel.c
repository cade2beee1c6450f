#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

struct error os_channel_open(os_handle ends[2])
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
        return error_make(ERROR_SYSTEM, errno, "make a channel between the guards", NULL);
    ends[0] = pair[0];
    ends[1] = pair[1];
    return ERROR_OK;
}

struct error os_dismissal_open(os_handle ends[2])
{
    int pair[2];
    if (pipe2(pair, O_CLOEXEC) < 0)
        return error_make(ERROR_SYSTEM, errno, "make a pipe between the guards", NULL);
    ends[0] = pair[0];
    ends[1] = pair[1];
    return ERROR_OK;
}

bool os_channel_send(os_handle channel, const struct channel_message *message)
{
    ssize_t sent;
    do
        sent = send((int)channel, message, sizeof *message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == sizeof *message;
}

bool os_channel_read(os_handle channel, struct channel_message *out, bool *closed)
{
    struct channel_message message;
    ssize_t got;
    do
        got = recv((int)channel, &message, sizeof message, 0);
    while (got < 0 && errno == EINTR);
    *closed = got == 0 || (got < 0 && errno != EAGAIN);
    if (got != sizeof message)
        return false;
    *out = message;
    return true;
}
