/* The partner as a fork: it knows all that we know. */
#include "watch/pair.h"

#include "tree/pact.h"

enum { AT_DISMISSAL, AT_PRIMARY, AT_WARD, AT_LATE, AT_COUNT };

enum turn { TURN_DISMISSED, TURN_PRIMARY_LOST, TURN_PRIMARY_LATE };

static void partner_handles(const struct watch *watch, os_handle *handles)
{
    const struct scope *scope = &watch->scope;
    bool open = pact_claim(scope).stage == CLAIM_OPEN && !heir_may_come(&watch->sentinel);
    handles[AT_DISMISSAL] = watch->dismissal;
    handles[AT_PRIMARY] = watch->primary.handle;
    handles[AT_WARD] = open && scope->pact ? scope->ward.handle : OS_NO_HANDLE;
    handles[AT_LATE] = pact_alarm(scope, SEAT_SENTINEL);
}

/* The primary sees the end of the ward too, and has a second to act on it. */
static enum turn give_time(const os_handle *handles)
{
    struct clock_reading now;
    uint32_t ready = 0;
    os_clock(&now);
    if (os_wait(handles, AT_WARD, now.now_ms + PACT_PATIENCE_MS, &ready).code ||
        ready & 1u << AT_DISMISSAL)
        return TURN_DISMISSED;
    return ready & 1u << AT_PRIMARY ? TURN_PRIMARY_LOST : TURN_PRIMARY_LATE;
}

static bool is_still_late(const struct watch *watch)
{
    os_handle handles[AT_COUNT];
    uint32_t ready = 0;
    partner_handles(watch, handles);
    return !os_wait(handles, AT_COUNT, 0, &ready).code && ready & (1u << AT_WARD | 1u << AT_LATE);
}

static enum turn await_turn(const struct watch *watch)
{
    os_handle handles[AT_COUNT];
    uint32_t ready;
    for (;;) {
        partner_handles(watch, handles);
        if (os_wait(handles, AT_COUNT, OS_FOREVER, &ready).code || ready & 1u << AT_DISMISSAL)
            return TURN_DISMISSED;
        if (ready & 1u << AT_PRIMARY)
            return TURN_PRIMARY_LOST;
        enum turn turn = ready & 1u << AT_LATE ? TURN_PRIMARY_LATE : give_time(handles);
        if (turn != TURN_PRIMARY_LATE || is_still_late(watch))
            return turn;
    }
}

/* The partner takes the primary's place. But a kill that it has begun is finished first. */
static void primary_lost(void *context)
{
    struct watch *watch = context;
    watch->sentinel.partner.handle = OS_NO_HANDLE;
    if (watch->sentinel.acts)
        return;
    watch->sentinel.deputy.relieved = true;
    watch->sentinel.state = STATE_DONE;
}

/* Watches beside a primary that is stopped. True when the primary is working again, or is dead. */
static bool stand_in(struct watch *watch, int *status)
{
    struct sentinel *sentinel = &watch->sentinel;
    void (*start_partner)(void *context) = sentinel->calls.partner_lost;
    void (*succeeded)(void *context) = sentinel->calls.succeeded;
    sentinel->deputy.first = sentinel->partner = watch->primary;
    sentinel->calls.partner_lost = primary_lost;
    sentinel->calls.succeeded = NULL;
    *status = sentinel_deputise(sentinel);
    sentinel->deputy.first.handle = sentinel->partner.handle = OS_NO_HANDLE;
    sentinel->calls.partner_lost = start_partner;
    sentinel->calls.succeeded = succeeded;
    if (!sentinel->deputy.relieved && watch->scope.wire)
        os_wire_disarm(watch->scope.wire);
    return sentinel->deputy.relieved;
}

/* Takes the primary's place, unless the partner is dismissed. */
static int partner_body(void *context)
{
    struct watch *watch = context;
    struct os_signal stale;
    enum turn turn;
    int status;
    watch->sentinel.calls.attested = NULL; /* the primary has attested */
    watch->scope.seat = SEAT_RESERVE;
    os_session_own();
    do {
        turn = await_turn(watch);
        if (turn == TURN_DISMISSED)
            return 0;
    } while (turn == TURN_PRIMARY_LATE && stand_in(watch, &status));
    if (turn == TURN_PRIMARY_LATE)
        return status;
    while (os_signals_read(watch->sentinel.signals, &stale))
        ; /* a stop request sent before this guard watched does not count */
    return watch_run(watch);
}

struct error pair_start(struct watch *watch)
{
    int32_t self = os_process_self();
    os_process_close(&watch->primary);
    os_handle_close(&watch->dismissal);
    struct error error = os_process_watch(self, &watch->primary);
    if (!error.code)
        error = os_dismissal_make(&watch->dismissal);
    if (error.code)
        return error;
    if (!watch->scope.pact)
        watch->scope.pact = pact_make();
    watch->scope.seat = SEAT_SENTINEL;
    protected_remove(&watch->scope.protected, watch->sentinel.partner.id.pid);
    protected_remove(&watch->scope.protected, self);
    protected_add(&watch->scope.protected, self);
    error = os_fork_guard("treefall-sentinel", partner_body, watch, &watch->sentinel.partner);
    if (!error.code)
        protected_add(&watch->scope.protected, watch->sentinel.partner.id.pid);
    return error;
}
