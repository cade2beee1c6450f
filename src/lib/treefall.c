#include "treefall.h"

#include "lib/describe.h"
#include "lib/enclosure.h"
#include "lib/keeper.h"
#include "lib/launch.h"
#include "plan/settings.h"

#include <stdatomic.h>
#include <string.h>

#define END_MS        10000
#define YEARS_MS      (10LL * 366 * 24 * 3600 * 1000)
#define KILL_DELAY_MS 3000
#define STARTUP_MS    30000
#define EXIT_GRACE_MS 1000
#define CLOSING_MS    10000
#define SHORTEST_MS   50

static int64_t or_default(int64_t value, int64_t preset)
{
    return value == 0 ? preset : value;
}

static bool is_delay(int64_t value, int64_t least)
{
    return value == 0 || (value >= least && value <= YEARS_MS);
}

static bool is_sane(const struct treefall_options *options)
{
    for (size_t i = 0; i < sizeof options->reserved / sizeof *options->reserved; i++)
        if (options->reserved[i] != 0)
            return false;
    return is_delay(options->kill_delay_ms, SHORTEST_MS) &&
           is_delay(options->startup_grace_ms, 1) && is_delay(options->stop_budget_ms, 1) &&
           (options->exit_grace_ms == -1 || is_delay(options->exit_grace_ms, 1));
}

static int fill_scratch(const char *path, struct order *order)
{
    os_handle scratch;
    struct error error = os_path_absolute(path, order->scratch, sizeof order->scratch);
    if (!error.code)
        error = os_scratch_open(order->scratch, true, &scratch);
    if (error.code)
        return failed(TREEFALL_ESCRATCH, error.os_code);
    os_handle_close(&scratch);
    return TREEFALL_OK;
}

static void fill_plan(const struct treefall_options *options, struct plan *plan)
{
    int64_t kill_delay_ms = or_default(options->kill_delay_ms, KILL_DELAY_MS);
    int64_t exit_grace_ms = or_default(options->exit_grace_ms, EXIT_GRACE_MS);
    *plan = (struct plan){
        .kill_delay_ms = kill_delay_ms,
        .startup_grace_ms = or_default(options->startup_grace_ms, STARTUP_MS),
        .grace_ms = or_default(options->stop_budget_ms, kill_delay_ms),
        .exit_grace_ms = exit_grace_ms < 0 ? 0 : exit_grace_ms,
        .signal = os_signal_terminate(),
        .hold_when_stopped = !options->fall_when_stopped,
        .fall_on_exit = true,
    };
}

static int fill_order(const struct treefall_options *options, struct order *order)
{
    struct process_row row = {0};
    struct error error = os_process_row(os_process_self(), &row);
    if (error.code)
        return failed(TREEFALL_ESYSTEM, error.os_code);
    order->version = ORDER_VERSION;
    order->ward = row.id;
    fill_plan(options, &order->plan);
    if (options->report)
        error = os_path_absolute(options->report, order->report, sizeof order->report);
    if (error.code)
        return failed(TREEFALL_EREPORT, error.os_code);
    return options->scratch ? fill_scratch(options->scratch, order) : TREEFALL_OK;
}

static int open_all(struct treefall *guard)
{
    guard->mine = os_pages_unforked(sizeof *guard->mine);
    if (!guard->mine)
        return failed(TREEFALL_ESYSTEM, os_error_told());
    struct error error = os_beat_page_make(&guard->page_handle, &guard->page);
    guard->mine->page = guard->page;
    if (!error.code)
        error = os_dismissal_make(&guard->dismissal);
    if (!error.code)
        error = os_nudge_make(&guard->nudge);
    if (!error.code)
        error = os_alarm_make(&guard->alarm);
    if (error.code == ERROR_UNSUPPORTED)
        error = ERROR_OK;
    return error.code ? failed(TREEFALL_ESYSTEM, error.os_code) : TREEFALL_OK;
}

static void release_all(struct treefall *guard)
{
    os_process_close(&guard->sentinel);
    os_handle_close(&guard->alarm);
    os_handle_close(&guard->nudge);
    os_handle_close(&guard->dismissal);
    os_handle_close(&guard->page_handle);
    if (guard->mine && guard->mine->page)
        os_beat_page_unmap(guard->page);
    os_pages_free(guard->mine, sizeof *guard->mine);
    os_pages_free(guard, sizeof *guard);
}

static int start(struct treefall *guard, const struct treefall_options *options)
{
    int status = fill_order(options, &guard->order);
    if (status != TREEFALL_OK)
        return status;
    if (!locate_sentinel(options->sentinel, guard->path))
        return TREEFALL_ENOSENTINEL;
    status = open_all(guard);
    if (status != TREEFALL_OK)
        return status;
    enclosure_join();
    guard->joined = true;
    status = launch_sentinel(guard);
    return status == TREEFALL_OK ? keeper_start(guard) : status;
}

static bool await_end(const struct treefall *guard)
{
    struct clock_reading now;
    uint32_t ready = 0;
    if (guard->sentinel.handle == OS_NO_HANDLE)
        return true;
    os_clock(&now);
    return !os_wait(&guard->sentinel.handle, 1, now.now_ms + END_MS, &ready).code && ready != 0;
}

static int end(struct treefall *guard)
{
    os_dismiss(guard->dismissal);
    keeper_join(guard);
    int status = await_end(guard) ? TREEFALL_OK : TREEFALL_ETIMEDOUT;
    launch_forget(guard);
    if (guard->joined)
        enclosure_part();
    guard->joined = false;
    return status;
}

int treefall_start(const struct treefall_options *options, struct treefall **out)
{
    static const struct treefall_options defaults;
    if (!options)
        options = &defaults;
    os_error_tell(0);
    if (!out || !is_sane(options))
        return TREEFALL_EINVAL;
    if (os_process_self() == 1)
        return TREEFALL_EREFUSED;
    struct treefall *guard = os_pages(sizeof *guard);
    if (!guard)
        return TREEFALL_ESYSTEM;
    guard->page_handle = guard->dismissal = guard->nudge = guard->alarm = OS_NO_HANDLE;
    guard->sentinel.handle = guard->sentinel_parent.handle = OS_NO_HANDLE;
    int status = start(guard, options);
    if (status == TREEFALL_OK) {
        *out = guard;
        return TREEFALL_OK;
    }
    int os_code = os_error_told();
    end(guard);
    release_all(guard);
    return failed(status, os_code);
}

/* NULL if there is no guard, or if it belongs to the process that forked us. */
static struct beat_page *page_of(struct treefall *guard)
{
    return guard ? guard->mine->page : NULL;
}

void treefall_beat(struct treefall *guard)
{
    struct beat_page *page = page_of(guard);
    if (page)
        atomic_store_explicit(&page->beat_ms, os_clock_coarse(), memory_order_relaxed);
}

void treefall_hold(struct treefall *guard, int64_t budget_ms)
{
    struct beat_page *page = page_of(guard);
    if (page)
        page->hold_until_ms =
            budget_ms <= 0 || budget_ms > YEARS_MS ? OS_FOREVER : os_clock_coarse() + budget_ms;
}

void treefall_release(struct treefall *guard)
{
    struct beat_page *page = page_of(guard);
    treefall_beat(guard);
    if (page)
        page->hold_until_ms = 0;
}

void treefall_closing(struct treefall *guard, int64_t budget_ms)
{
    struct beat_page *page = page_of(guard);
    if (!page)
        return;
    budget_ms = budget_ms <= 0 ? CLOSING_MS : budget_ms;
    page->closing_until_ms = os_clock_coarse() + (budget_ms > YEARS_MS ? YEARS_MS : budget_ms);
    os_nudge(guard->nudge);
}

void treefall_stop_asked(struct treefall *guard)
{
    struct beat_page *page = page_of(guard);
    if (!page)
        return;
    page->stop_seen_ms = os_clock_coarse();
    os_nudge(guard->nudge);
}

void treefall_suspended(struct treefall *guard, enum treefall_suspension suspension)
{
    struct beat_page *page = page_of(guard);
    if (!page)
        return;
    page->link_gone = suspension == TREEFALL_ABANDONED;
    page->suspended = suspension != TREEFALL_RUNNING;
    os_nudge(guard->nudge);
}

int treefall_stop(struct treefall *guard)
{
    if (!guard)
        return TREEFALL_OK;
    int status = guard->mine->page ? end(guard) : TREEFALL_EFORKED;
    release_all(guard);
    return status;
}

size_t treefall_guarantee(const struct treefall *guard, char *buffer, size_t size)
{
    static const struct treefall none;
    char text[2048];
    struct sink sink = {.buffer = text, .capacity = sizeof text};
    describe_guarantee(guard && guard->mine->page ? guard : &none, &sink);
    size_t fits = size == 0 ? 0 : sink.used < size ? sink.used : size - 1;
    if (size > 0) {
        memcpy(buffer, text, fits);
        buffer[fits] = '\0';
    }
    return sink.used;
}

const char *treefall_strerror(int code)
{
    switch (code) {
    case TREEFALL_OK:
        return "no error";
    case TREEFALL_EINVAL:
        return "an option is out of range: delays are 50 ms to 10 years, 0 is the default";
    case TREEFALL_ENOSENTINEL:
        return "the program treefall-sentinel was not found: install it beside the library, or set "
               "TREEFALL_SENTINEL to its path";
    case TREEFALL_ENOTARMED:
        return "the sentinel could not arm: run treefall doctor to see what this machine allows";
    case TREEFALL_ESYSTEM:
        return "the system refused memory, descriptors, threads or processes: see the system's "
               "error code, and the limits of this process";
    case TREEFALL_EFORKED:
        return "the guard belongs to the process that forked this one: start another guard in this "
               "one";
    case TREEFALL_EREFUSED:
        return "this process is pid 1, which no other process can kill: run it under treefall run";
    case TREEFALL_EVERSION:
        return "treefall-sentinel has another version than this library: install both together";
    case TREEFALL_EREPORT:
        return "the report cannot be written: choose a file in a folder that you may write to, "
               "whose name ends with " SETTINGS_REPORT_ENDINGS;
    case TREEFALL_ESCRATCH:
        return "the scratch folder cannot be used: it must exist, be empty, belong to you and be "
               "writable to you alone, as mkdtemp creates it";
    case TREEFALL_ETIMEDOUT:
        return "the sentinel did not answer within 10 s: it may be stopped, or the machine too "
               "busy";
    case TREEFALL_ESENTINEL:
        return "treefall-sentinel cannot be executed, or exited at once: reinstall it";
    default:
        return "unknown error";
    }
}
