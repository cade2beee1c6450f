#include "os/windows/object.h"
#include "os/windows/pipe.h"

struct error os_channel_open(os_handle ends[2])
{
    struct pipe *pipe;
    struct error error = pipe_make(&pipe);
    if (error.code)
        return error;
    ends[0] = object_add((struct object){OBJECT_PIPE, NULL, pipe});
    ends[1] = ends[0] == OS_NO_HANDLE ? OS_NO_HANDLE
                                      : object_add((struct object){OBJECT_PIPE_END, NULL, pipe});
    if (ends[1] != OS_NO_HANDLE)
        return ERROR_OK;
    error = win_failed("create a channel between the guards", NULL);
    os_handle_close(&ends[0]);
    return error;
}

bool os_channel_transmit(os_handle channel, const void *message, size_t size)
{
    struct object object = object_get(channel);
    return object.kind == OBJECT_PIPE && pipe_write(object.pipe, message, size);
}

bool os_channel_receive(os_handle channel, void *message, size_t size, bool *closed)
{
    struct object object = object_get(channel);
    *closed = object.kind != OBJECT_PIPE;
    return !*closed && pipe_read(object.pipe, message, size, closed);
}

bool os_channel_send(os_handle channel, const struct channel_message *message)
{
    return os_channel_transmit(channel, message, sizeof *message);
}

bool os_channel_read(os_handle channel, struct channel_message *out, bool *closed)
{
    return os_channel_receive(channel, out, sizeof *out, closed);
}

/* ---- events ---- */

struct error os_nudge_make(os_handle *out)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    os_handle made = event ? object_add((struct object){OBJECT_EVENT, event, NULL}) : OS_NO_HANDLE;
    if (made == OS_NO_HANDLE)
        return win_failed("create an event", NULL);
    *out = made;
    return ERROR_OK;
}

void os_nudge(os_handle nudge)
{
    HANDLE event = object_handle(nudge, OBJECT_EVENT);
    if (event)
        SetEvent(event);
}

bool os_nudge_hear(os_handle nudge)
{
    HANDLE event = object_handle(nudge, OBJECT_EVENT);
    if (!event || WaitForSingleObject(event, 0) != WAIT_OBJECT_0)
        return false;
    ResetEvent(event);
    return true;
}

struct error os_dismissal_make(os_handle *out)
{
    return os_nudge_make(out);
}

void os_dismiss(os_handle dismissal)
{
    os_nudge(dismissal);
}
