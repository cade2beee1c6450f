#include "lib/launch.h"

#include "lib/enclosure.h"

#include <stdatomic.h>

#define ATTEST_MS 10000

/* What exists once per process and so cannot be part of a handle: its brand, which is never
 * removed, and the sentinels that watch it. A forked child finds this memory wiped and starts anew.
 * Its pid would not do as a test: in another namespace the child may have the same pid as its
 * parent. */
struct mine_once {
    struct os_lock lock;
    struct brand brand;
    struct process_identity sentinels[ORDER_SIBLINGS];
};

static struct mine_once *_Atomic process;

static bool is_made(void)
{
    struct mine_once *none = NULL;
    if (atomic_load(&process))
        return true;
    struct mine_once *fresh = os_pages_unforked(sizeof *fresh);
    if (fresh && !atomic_compare_exchange_strong(&process, &none, fresh))
        os_pages_free(fresh, sizeof *fresh); /* another thread was first */
    return fresh != NULL;
}

static struct mine_once *enter(void)
{
    struct mine_once *mine = atomic_load(&process);
    os_lock_take(&mine->lock);
    return mine;
}

static void leave(struct mine_once *mine)
{
    os_lock_give(&mine->lock);
}

static void replace(struct mine_once *mine, struct process_identity old,
                    struct process_identity new)
{
    for (size_t i = 0; i < ORDER_SIBLINGS; i++)
        if (process_is_same(mine->sentinels[i], old)) {
            mine->sentinels[i] = new;
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

static int take(struct treefall *guard, struct mine_once *mine,
                const struct attestation *attestation)
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
    mine->brand = attestation->brand;
    replace(mine, (struct process_identity){0}, attestation->self);
    return TREEFALL_OK;
}

static int start_failed(struct error error)
{
    switch (error.code) {
    case ERROR_NOT_FOUND:
        return failed(TREEFALL_ENOSENTINEL, error.os_code);
    case ERROR_DENIED:
        return failed(TREEFALL_ESENTINEL, error.os_code);
    case ERROR_UNSUPPORTED:
        return failed(TREEFALL_ENOTARMED, error.os_code);
    default:
        return failed(TREEFALL_ESYSTEM, error.os_code);
    }
}

static int converse(struct treefall *guard, struct mine_once *mine, os_handle ends[2])
{
    struct attestation attestation;
    os_handle handles[] = {ends[1],      guard->page_handle, guard->dismissal,
                           guard->nudge, guard->alarm,       enclosure_handle()};
    size_t count = sizeof handles / sizeof *handles;
    if (handles[count - 1] == OS_NO_HANDLE)
        count--;
    struct os_orphan orphan;
    struct error error = os_spawn_orphan(guard->path, handles, count, &orphan);
    os_handle_close(&ends[1]);
    if (error.code)
        return start_failed(error);
    guard->order.escape = orphan.escape;
    guard->order.parent = orphan.parent.id;
    guard->sentinel_parent = orphan.parent;
    /* Not earlier: the sentinel would be inside. */
    guard->order.enclosed = enclosure_enter();
    if (!os_channel_transmit(ends[0], &guard->order, sizeof guard->order))
        return failed(TREEFALL_ESENTINEL, 0);
    int status = receive(ends[0], &attestation);
    return status == TREEFALL_OK ? take(guard, mine, &attestation) : status;
}

int launch_sentinel(struct treefall *guard)
{
    os_handle ends[2];
    if (!is_made())
        return failed(TREEFALL_ESYSTEM, os_error_told());
    struct error error = os_channel_open(ends);
    if (error.code)
        return failed(TREEFALL_ESYSTEM, error.os_code);
    struct mine_once *mine = enter();
    guard->order.brand = mine->brand;
    for (size_t i = 0; i < ORDER_SIBLINGS; i++)
        guard->order.siblings[i] = mine->sentinels[i];
    int status = converse(guard, mine, ends);
    int os_code = os_error_told();
    leave(mine);
    os_handle_close(&ends[0]);
    os_handle_close(&ends[1]);
    if (status != TREEFALL_OK)
        os_guard_reap(&guard->sentinel_parent);
    return status == TREEFALL_OK ? TREEFALL_OK : failed(status, os_code);
}

void launch_forget(struct treefall *guard)
{
    if (guard->sentinel.id.pid != 0 && is_made()) {
        struct mine_once *mine = enter();
        replace(mine, guard->sentinel.id, (struct process_identity){0});
        leave(mine);
    }
    os_process_close(&guard->sentinel);
    os_guard_reap(&guard->sentinel_parent);
    guard->armed = 0;
    guard->sentinel_pid = 0;
}
