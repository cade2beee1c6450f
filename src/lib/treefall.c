#include "treefall.h"

#include "core/sink.h"
#include "lib/locate.h"
#include "os/os.h"
#include "sentinel/order.h"

#include <string.h>

#define ATTEST_MS 10000
#define YEARS_MS (10LL * 366 * 24 * 3600 * 1000)
#define GUARANTEE_BYTES 4000

struct treefall {
    int32_t owner; /* a forked child has the memory, but not the guard */
    os_handle channel;
    os_handle dismissal;
    os_handle page_handle;
    struct beat_page *page;
    char guarantee[GUARANTEE_BYTES];
};

static int64_t or_default(int64_t value, int64_t preset)
{
    return value == 0 ? preset : value;
}

static bool is_sane(const struct treefall_options *options)
{
    return options->kill_delay_ms >= 0 && options->kill_delay_ms <= YEARS_MS &&
           (options->kill_delay_ms == 0 || options->kill_delay_ms >= 50) &&
           options->startup_grace_ms >= 0 && options->startup_grace_ms <= YEARS_MS &&
           (!options->report || strlen(options->report) < ORDER_REPORT_BYTES);
}

static struct order order_of(const struct treefall_options *options)
{
    struct process_row row = {0};
    struct order order = {.version = ORDER_VERSION};
    os_process_row(os_process_self(), &row);
    order.ward = (struct process_identity){os_process_self(), row.id.start};
    order.kill_delay_ms = or_default(options->kill_delay_ms, 3000);
    order.startup_grace_ms = or_default(options->startup_grace_ms, 30000);
    order.hold_when_stopped = !options->fall_when_stopped;
    if (options->report)
        memcpy(order.report, options->report, strlen(options->report) + 1);
    return order;
}

static void describe(struct treefall *guard, uint32_t armed)
{
    struct sink sink = {.buffer = guard->guarantee, .capacity = sizeof guard->guarantee - 1};
    sink_text(&sink, "{\"guarantee\":[");
    bool first = true;
    for (int route = 0; route < ROUTE_COUNT; route++) {
        if (!(armed & 1u << route))
            continue;
        sink_text(&sink, first ? "{\"route\":" : ",{\"route\":");
        sink_json_string(&sink, route_info((enum route)route)->name);
        sink_text(&sink, ",\"blind_to\":");
        sink_json_string(&sink, route_info((enum route)route)->blind_to);
        sink_text(&sink, "}");
        first = false;
    }
    sink_text(&sink, "]}");
    guard->guarantee[sink.used] = '\0';
}

static int await_attestation(struct treefall *guard)
{
    struct clock_reading now;
    struct attestation attestation;
    uint32_t ready = 0;
    bool closed;
    os_clock(&now);
    if (os_wait(&guard->channel, 1, now.now_ms + ATTEST_MS, &ready).code || ready == 0 ||
        !os_channel_receive(guard->channel, &attestation, sizeof attestation, &closed) ||
        attestation.version != ORDER_VERSION || attestation.armed == 0)
        return TREEFALL_ENOTARMED;
    describe(guard, attestation.armed);
    return TREEFALL_OK;
}

static int launch(struct treefall *guard, const struct treefall_options *options)
{
    char path[LOCATE_BYTES];
    struct order order = order_of(options);
    os_handle ends[2];
    if (!locate_sentinel(options->sentinel, path))
        return TREEFALL_ENOSENTINEL;
    if (os_channel_open(ends).code)
        return TREEFALL_ESYSTEM;
    os_handle handles[] = {ends[1], guard->page_handle, guard->dismissal};
    guard->channel = ends[0];
    struct error error = os_spawn_orphan(path, handles, sizeof handles / sizeof *handles);
    os_handle_close(&ends[1]);
    if (error.code)
        return error.code == ERROR_NOT_FOUND ? TREEFALL_ENOSENTINEL : TREEFALL_ESYSTEM;
    if (!os_channel_transmit(guard->channel, &order, sizeof order))
        return TREEFALL_ENOTARMED;
    return await_attestation(guard);
}

static void release_all(struct treefall *guard)
{
    os_handle_close(&guard->channel);
    os_handle_close(&guard->dismissal);
    os_handle_close(&guard->page_handle);
    if (guard->page)
        os_beat_page_unmap(guard->page);
    os_pages_free(guard, sizeof *guard);
}

int treefall_start(const struct treefall_options *options, struct treefall **out)
{
    static const struct treefall_options defaults;
    if (!options)
        options = &defaults;
    if (!out || !is_sane(options))
        return TREEFALL_EINVAL;
    struct treefall *guard = os_pages(sizeof *guard);
    if (!guard)
        return TREEFALL_ESYSTEM;
    guard->owner = os_process_self();
    guard->channel = guard->dismissal = guard->page_handle = OS_NO_HANDLE;
    int status = TREEFALL_ESYSTEM;
    if (!os_beat_page_make(&guard->page_handle, &guard->page).code &&
        !os_dismissal_make(&guard->dismissal).code)
        status = launch(guard, options);
    if (status != TREEFALL_OK) {
        os_dismiss(guard->dismissal);
        release_all(guard);
        return status;
    }
    *out = guard;
    return TREEFALL_OK;
}

void treefall_beat(struct treefall *guard)
{
    __atomic_store_n((int64_t *)&guard->page->beat_ms, os_clock_coarse(), __ATOMIC_RELAXED);
}

void treefall_hold(struct treefall *guard, int64_t budget_ms)
{
    guard->page->hold_until_ms =
        budget_ms <= 0 || budget_ms > YEARS_MS ? OS_FOREVER : os_clock_coarse() + budget_ms;
}

void treefall_release(struct treefall *guard)
{
    treefall_beat(guard);
    guard->page->hold_until_ms = 0;
}

void treefall_closing(struct treefall *guard, int64_t budget_ms)
{
    guard->page->closing_until_ms = os_clock_coarse() + (budget_ms > YEARS_MS ? YEARS_MS : budget_ms);
}

/* End of file on the channel: the sentinel is gone. */
static void await_end(struct treefall *guard)
{
    struct clock_reading now;
    uint32_t ready;
    os_clock(&now);
    os_wait(&guard->channel, 1, now.now_ms + ATTEST_MS, &ready);
}

int treefall_stop(struct treefall *guard)
{
    if (!guard)
        return TREEFALL_OK;
    bool ours = guard->owner == os_process_self();
    if (ours) {
        os_dismiss(guard->dismissal);
        await_end(guard);
    }
    release_all(guard);
    return ours ? TREEFALL_OK : TREEFALL_EFORKED;
}

const char *treefall_guarantee(const struct treefall *guard)
{
    return guard->guarantee;
}

const char *treefall_strerror(int code)
{
    switch (code) {
    case TREEFALL_OK:
        return "no error";
    case TREEFALL_EINVAL:
        return "an option is out of range";
    case TREEFALL_ENOSENTINEL:
        return "treefall-sentinel was not found: set TREEFALL_SENTINEL to its path";
    case TREEFALL_ENOTARMED:
        return "the sentinel could not arm: run treefall doctor to see what this machine allows";
    case TREEFALL_ESYSTEM:
        return "the system refused memory, descriptors or processes";
    case TREEFALL_EFORKED:
        return "the guard belongs to the process that started it";
    default:
        return "unknown error";
    }
}
