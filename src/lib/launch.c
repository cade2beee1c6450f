#include "lib/launch.h"

#include "lib/enclosure.h"

#define ATTEST_MS 10000

/* What a process has but once, so that it cannot be in a handle: its brand, which is never taken
 * off again, and the sentinels that watch it. A forked child starts anew. */
static struct {
    struct os_lock lock;
    int32_t owner;
    struct brand brand;
    struct process_identity sentinels[ORDER_SIBLINGS];
} process;

static void enter(void)
{
    os_lock_take(&process.lock);
    if (process.owner == os_process_self())
        return;
    process.owner = os_process_self();
    process.brand = (struct brand){0};
    for (size_t i = 0; i < ORDER_SIBLINGS; i++)
        process.sentinels[i] = (struct process_identity){0};
}

static void leave(void)
{
    os_lock_give(&process.lock);
}

static void replace(struct process_identity old, struct process_identity new)
{
    for (size_t i = 0; i < ORDER_SIBLINGS; i++)
        if (process_is_same(process.sentinels[i], old)) {
            process.sentinels[i] = new;
            return;
        }
}

static int refusal(const struct attestation *attestation)
{
    if (attestation->report_failed)
        return failed(TREEFALL_EREPORT, attestation->os_code);
    return failed(TREEFALL_ENOTARMED, attestation->os_code);
}

static int receive(os_handle channel, struct attestation *out)
{
    struct clock_reading now;
    uint32_t ready = 0;
    bool closed = true;
    os_clock(&now);
    struct error error = os_wait(&channel, 1, now.now_ms + ATTEST_MS, &ready);
    if (error.code)
        return failed(TREEFALL_ESYSTEM, error.os_code);
    if (ready == 0)
        return failed(TREEFALL_ETIMEDOUT, 0);
    if (!os_channel_receive(channel, out, sizeof *out, &closed))
        return failed(closed ? TREEFALL_ESENTINEL : TREEFALL_EVERSION, 0);
    if (out->version != ORDER_VERSION)
        return failed(TREEFALL_EVERSION, 0);
    return out->code == ERROR_NONE && out->armed != 0 ? TREEFALL_OK : refusal(out);
}

static int take(struct treefall *guard, const struct attestation *attestation)
{
    struct os_process sentinel;
    struct error error = os_process_open(attestation->self, &sentinel);
    if (error.code)
        return failed(error.code == ERROR_GONE ? TREEFALL_ESENTINEL : TREEFALL_ESYSTEM,
                      error.os_code);
    guard->sentinel = sentinel;
    guard->sentinel_pid = sentinel.id.pid;
    guard->confined = attestation->confined;
    guard->armed = attestation->armed;
    process.brand = attestation->brand;
    replace((struct process_identity){0}, attestation->self);
    return TREEFALL_OK;
}

static int start_failed(struct error error)
{
    switch (error.code) {
    case ERROR_NOT_FOUND:
        return failed(TREEFALL_ENOSENTINEL, error.os_code);
    case ERROR_DENIED:
        return failed(TREEFALL_ESENTINEL, error.os_code);
    default:
        return failed(TREEFALL_ESYSTEM, error.os_code);
    }
}

static int converse(struct treefall *guard, os_handle ends[2])
{
    struct attestation attestation;
    os_handle handles[] = {ends[1], guard->page_handle, guard->dismissal, guard->nudge,
                           enclosure_handle()};
    size_t count = sizeof handles / sizeof *handles;
    if (handles[count - 1] == OS_NO_HANDLE)
        count--;
    struct error error = os_spawn_orphan(guard->path, handles, count, &guard->order.escape);
    os_handle_close(&ends[1]);
    if (error.code)
        return start_failed(error);
    /* Not before: the sentinel would be in it. */
    guard->order.enclosed = enclosure_enter();
    if (!os_channel_transmit(ends[0], &guard->order, sizeof guard->order))
        return failed(TREEFALL_ESENTINEL, 0);
    int status = receive(ends[0], &attestation);
    return status == TREEFALL_OK ? take(guard, &attestation) : status;
}

int launch_sentinel(struct treefall *guard)
{
    os_handle ends[2];
    struct error error = os_channel_open(ends);
    if (error.code)
        return failed(TREEFALL_ESYSTEM, error.os_code);
    enter();
    guard->order.brand = process.brand;
    for (size_t i = 0; i < ORDER_SIBLINGS; i++)
        guard->order.siblings[i] = process.sentinels[i];
    int status = converse(guard, ends);
    int os_code = os_error_told();
    leave();
    os_handle_close(&ends[0]);
    os_handle_close(&ends[1]);
    return status == TREEFALL_OK ? TREEFALL_OK : failed(status, os_code);
}

void launch_forget(struct treefall *guard)
{
    enter();
    replace(guard->sentinel.id, (struct process_identity){0});
    leave();
    os_process_close(&guard->sentinel);
    guard->armed = 0;
    guard->sentinel_pid = 0;
}
