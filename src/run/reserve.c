#include "run/reserve.h"

#include "tree/births.h"
#include "tree/pact.h"

/* First the wrapper and the sentinel stand in for each other. */
#define PATIENCE_MS 1000

enum { AT_DISMISSAL, AT_WRAPPER, AT_SENTINEL, AT_BIRTHS, AT_CALLER, AT_WARD, AT_ALARMS };
#define AT_COUNT (AT_ALARMS + SEAT_RESERVE)

/* How often to look for the ward, if it was unknown when the reserve started. */
#define WARD_LOOK_MS 20

static void fill_handles(const struct wrapper *wrapper, os_handle *handles)
{
    const struct scope *scope = &wrapper->scope;
    const struct sentinel *watch = &wrapper->watch;
    bool open = pact_claim(scope).stage == CLAIM_OPEN;
    handles[AT_DISMISSAL] = watch->dismissal;
    handles[AT_WRAPPER] = wrapper->self.handle;
    handles[AT_SENTINEL] = wrapper->sentinel.handle;
    handles[AT_BIRTHS] = wrapper->reserve_births;
    handles[AT_CALLER] = open ? watch->deputy.caller : OS_NO_HANDLE;
    handles[AT_WARD] = open && watch->plan.fall_on_exit ? scope->ward.handle : OS_NO_HANDLE;
    for (int seat = SEAT_WRAPPER; seat < SEAT_RESERVE; seat++)
        handles[AT_ALARMS + seat] = pact_alarm(scope, (enum claim_seat)seat);
    handles[AT_ALARMS] = OS_NO_HANDLE;
}

/* LATE: one of the other guards must act and does not. ALL_LOST: both are lost. */
enum concern { CONCERN_DISMISSED, CONCERN_LATE, CONCERN_ALL_LOST };

static bool all_are_lost(uint32_t ready)
{
    return ready & 1u << AT_WRAPPER && ready & 1u << AT_SENTINEL;
}

static bool is_decided(uint32_t ready)
{
    return ready & 1u << AT_DISMISSAL || all_are_lost(ready);
}

/* A ready handle stays ready. While the other guards have their time, wait only for the handles
 * that are not ready. */
static uint32_t await_more(const os_handle *handles, uint32_t ready)
{
    os_handle rest[AT_COUNT];
    struct clock_reading now;
    uint32_t more = 0;
    for (int i = 0; i < AT_COUNT; i++)
        rest[i] = ready & 1u << i || i > AT_SENTINEL ? OS_NO_HANDLE : handles[i];
    os_clock(&now);
    return os_wait(rest, AT_COUNT, now.now_ms + PATIENCE_MS, &more).code ? 1 : more;
}

static enum concern await_concern(struct wrapper *wrapper)
{
    os_handle handles[AT_COUNT];
    uint32_t ready;
    for (;;) {
        struct clock_reading now;
        os_clock(&now);
        bool ward_known = wrapper->scope.ward.id.pid != 0 || pact_learn_ward(&wrapper->scope);
        fill_handles(wrapper, handles);
        int64_t until_ms =
            ward_known || !wrapper->scope.pact ? OS_FOREVER : now.now_ms + WARD_LOOK_MS;
        if (os_wait(handles, AT_COUNT, until_ms, &ready).code || ready & 1u << AT_DISMISSAL)
            return CONCERN_DISMISSED;
        if (ready & 1u << AT_BIRTHS)
            births_read(&wrapper->scope);
        ready &= ~(1u << AT_BIRTHS);
        for (uint32_t more = ready; more != 0 && !is_decided(ready); ready |= more)
            more = await_more(handles, ready);
        if (ready & 1u << AT_DISMISSAL)
            return CONCERN_DISMISSED;
        if (all_are_lost(ready))
            return CONCERN_ALL_LOST;
        fill_handles(wrapper, handles);
        uint32_t still = 0;
        if (ready != 0 && !os_wait(handles, AT_COUNT, 0, &still).code && still & ready)
            return wrapper->scope.pact ? CONCERN_LATE : CONCERN_DISMISSED;
    }
}

/* The reserve only waits, until it takes over as the sentinel in one of two cases. Wrapper and
 * sentinel are both lost: two kills in quick succession are faster than any replacement, and the
 * wire knows only what the sentinel last saw. Or one of them does not do its work, and the other
 * does not stand in for it. */
static int reserve_body(void *context)
{
    struct wrapper *wrapper = context;
    struct sentinel *watch = &wrapper->watch;
    enum concern concern;
    /* At once: a kill of the wrapper's whole process group must leave one guard alive. */
    os_session_own();
    wrapper->scope.seat = SEAT_RESERVE;
    wrapper->scope.lineage.births = wrapper->reserve_births;
    watch->deputy.first = wrapper->sentinel;
    watch->deputy.first_counts = wrapper->settings->sentinel_loss != SENTINEL_LOSS_REPLACE;
    watch->calls.attested = NULL;
    do {
        concern = await_concern(wrapper);
        if (concern == CONCERN_DISMISSED)
            return 0;
        protected_add(&wrapper->scope.protected, os_process_self());
        if (concern == CONCERN_ALL_LOST)
            sentinel_replace(watch);
        else
            sentinel_deputise(watch);
    } while (watch->deputy.relieved);
    guards_await_wrapper(wrapper);
    return 0;
}

static void tell_reserve(struct wrapper *wrapper)
{
    struct process_row row = {.id = wrapper->reserve.id};
    os_process_row(row.id.pid, &row);
    struct channel_message message = {MESSAGE_RESERVE, (uint32_t)row.id.pid, (int64_t)row.id.start};
    protected_add_id(&wrapper->scope.protected, row.id);
    os_channel_send(wrapper->watch.channel, &message);
}

void reserve_start(struct wrapper *wrapper)
{
    uint32_t ready = 0;
    /* A command that has already exited needs no reserve. */
    if (os_wait(&wrapper->watch.dismissal, 1, 0, &ready).code || ready != 0)
        return;
    bool known = wrapper->sentinel.handle != OS_NO_HANDLE ||
                 !os_process_watch(os_process_self(), &wrapper->sentinel).code;
    if (known && !os_fork_guard("treefall-reserve", reserve_body, wrapper, &wrapper->reserve).code)
        tell_reserve(wrapper);
}
