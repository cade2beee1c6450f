#include "os/windows/object.h"
#include "os/windows/pipe.h"

#define LONGEST_MS (24 * 3600 * 1000)

static HANDLE waitable(os_handle number)
{
    struct object object = object_get(number);
    switch (object.kind) {
    case OBJECT_PROCESS:
    case OBJECT_EVENT:
        return object.handle;
    case OBJECT_PIPE:
        return pipe_signal(object.pipe);
    case OBJECT_NONE:
    case OBJECT_MAPPING:
    case OBJECT_JOB:
    case OBJECT_FOLDER:
    case OBJECT_PIPE_END:
        break;
    }
    return NULL;
}

static DWORD time_left(int64_t until_ms)
{
    struct clock_reading now;
    if (until_ms == OS_FOREVER)
        return INFINITE;
    os_clock(&now);
    if (until_ms <= now.now_ms)
        return 0;
    return until_ms - now.now_ms < LONGEST_MS ? (DWORD)(until_ms - now.now_ms) : LONGEST_MS;
}

struct error os_wait(const os_handle *handles, size_t count, int64_t until_ms, uint32_t *ready)
{
    HANDLE waited[OS_WAIT_MAX];
    size_t places[OS_WAIT_MAX];
    DWORD used = 0;
    DWORD got;
    uint32_t found = 0;
    for (size_t i = 0; i < count && i < OS_WAIT_MAX; i++)
        if ((waited[used] = waitable(handles[i])) != NULL)
            places[used++] = i;
    /* The process that started us may already be dead: then there is no channel to wait for. */
    if (used == 0 && until_ms == OS_FOREVER)
        return error_make(ERROR_GONE, ERROR_INVALID_HANDLE, "wait for events", NULL);
    do {
        DWORD left = time_left(until_ms);
        if (used == 0)
            Sleep(left);
        got = used == 0 ? WAIT_TIMEOUT : WaitForMultipleObjects(used, waited, FALSE, left);
    } while (got == WAIT_TIMEOUT && time_left(until_ms) > 0);
    if (got == WAIT_FAILED)
        return win_failed("wait for events", NULL);
    for (DWORD i = 0; i < used && got != WAIT_TIMEOUT; i++)
        if (WaitForSingleObject(waited[i], 0) == WAIT_OBJECT_0)
            found |= 1u << places[i];
    *ready = found;
    return ERROR_OK;
}
