/* The sentinel and its reserve as forks of the wrapper: they know all that it knows. */
#include "run/reserve.h"
#include "run/wrapper.h"

#include "tree/arm.h"
#include "tree/births.h"
#include "tree/pact.h"

#define ATTEST_MS 10000

struct pact *wrapper_make_pact(void)
{
    return pact_make();
}

/* By path: the descriptors belong to the wrapper and the other guards too, and are left alone. */
static void tidy_up(struct wrapper *wrapper)
{
    os_container_clear(&wrapper->scope.container);
    beats_clear(&wrapper->watch.beats);
}

/* Runs in the sentinel or the reserve after it had to kill the tree itself, because the wrapper is
 * dead, stopped or hangs. */
static void sentinel_fell(void *context, enum trigger trigger, bool complete)
{
    struct wrapper *wrapper = context;
    /* When the last holder of the wire exits, the wire kills what it still holds: a kept process,
     * or an orphan that the dead sentinel had seen and the reserve had not. */
    if (complete && wrapper->scope.wire && wrapper->scope.keep.count > 0)
        os_wire_disarm(wrapper->scope.wire);
    outcome_report(wrapper, &wrapper->watch.ledger, trigger, complete, "sentinel");
}

void guards_await_wrapper(struct wrapper *wrapper)
{
    const struct channel_message over = {.kind = MESSAGE_OVER};
    const os_handle handles[] = {wrapper->watch.dismissal, wrapper->self.handle};
    struct claim claim = pact_claim(&wrapper->scope);
    uint32_t ready = 1;
    if (!claim_is_over(&claim) && wrapper->scope.pact)
        return;
    os_channel_send(wrapper->watch.channel, &over);
    if (!os_wait(handles, 2, OS_FOREVER, &ready).code && !(ready & 1))
        tidy_up(wrapper);
}

/* The wrapper protects itself by its number, which is its own while it lives. A guard may outlive
 * the wrapper. */
static void spare_wrapper(struct wrapper *wrapper)
{
    struct process_row row = {.id = wrapper->self.id};
    os_process_row(row.id.pid, &row);
    protected_remove(&wrapper->scope.protected, row.id.pid);
    if (!os_process_ended(&wrapper->self))
        protected_add_id(&wrapper->scope.protected, row.id);
}

/* Attest first and do the rest while the command starts, off the start-up path. */
static void attested(void *context)
{
    struct wrapper *wrapper = context;
    struct channel_message armed = {.kind = MESSAGE_ARMED};
    /* The wrapper waits for this message, or for our exit. */
    if (!os_channel_send(wrapper->watch.channel, &armed)) {
        wrapper->watch.state = STATE_DONE;
        return;
    }
    protected_add(&wrapper->scope.protected, os_process_self());
    spare_wrapper(wrapper);
    reserve_start(wrapper);
    os_leftovers_remove();
}

static void tell_unproven(struct wrapper *wrapper, enum route route)
{
    struct channel_message message = {.kind = MESSAGE_UNPROVEN, .detail = route};
    arm_unproven(&wrapper->scope, route);
    os_channel_send(wrapper->watch.channel, &message);
}

/* The caller's descriptors are needed only until the command is made, which then has all of them.
 * The guards must not keep them open. All guards share one descriptor table. */
static void leave_caller(const struct run_settings *settings)
{
    if (settings->stop_on_input_end)
        os_drop_inherited(STREAM_IN);
    else
        os_drop_inherited(settings->reports.count > 0 ? STREAM_OUT : STREAM_ERROR);
}

/* Defer slow set-up so that short commands do not pay for it: closing what the caller had open,
 * getting a session of its own (until then the sentinel is in ours, where like us it is deaf to all
 * signals but SIGKILL), and testing what the report says of the wire and of the events. */
static void settle(void *context)
{
    struct wrapper *wrapper = context;
    leave_caller(wrapper->settings);
    os_session_own();
    if (wrapper->reserve.handle == OS_NO_HANDLE) /* it could not be started before */
        reserve_start(wrapper);
    if (wrapper->scope.wire && os_wire_prove(wrapper->scope.wire).code)
        tell_unproven(wrapper, ROUTE_WIRE);
    if (wrapper->watch.upkeep.events != OS_NO_HANDLE && os_events_prove().code)
        tell_unproven(wrapper, ROUTE_EVENTS);
}

/* An adopting wrapper reaps the reserve itself, and need not wait for us to do it. */
static bool wrapper_adopts(const struct wrapper *wrapper)
{
    const struct os_process *adopter = &wrapper->scope.adopter;
    return adopter->handle != OS_NO_HANDLE && !os_process_ended(adopter);
}

static int sentinel_body(void *context)
{
    struct wrapper *wrapper = context;
    if (wrapper->scope.reaper != 0)
        wrapper->scope.adopter = wrapper->self;
    wrapper->scope.reaper = 0;
    wrapper->scope.seat = SEAT_SENTINEL;
    if (!wrapper->settings->stays_in_folder)
        os_leave_folder();
    int status = sentinel_run(&wrapper->watch);
    guards_await_wrapper(wrapper);
    os_dismiss(wrapper->watch.dismissal);
    if (!wrapper_adopts(wrapper))
        os_guard_reap(&wrapper->reserve);
    return status;
}

/* No command runs before the sentinel has attested, from its own process, that it watches. */
struct error wrapper_await_sentinel(struct wrapper *wrapper)
{
    os_handle handles[] = {wrapper->channel, wrapper->sentinel.handle};
    struct channel_message message;
    struct clock_reading now;
    uint32_t ready = 0;
    bool closed;
    struct error error = ERROR_OK;
    os_clock(&now);
    while (!error.code && !(ready & 2)) {
        error = os_wait(handles, 2, now.now_ms + ATTEST_MS, &ready);
        if (!error.code && ready == 0)
            return error_make(ERROR_SYSTEM, 0, "start the sentinel",
                              "it did not answer within 10 s: it is stopped, or the machine is "
                              "too busy");
        while (!error.code && os_channel_read(wrapper->channel, &message, &closed))
            if (message.kind == MESSAGE_ARMED)
                return ERROR_OK;
            else if (message.kind == OS_NOTICE_STOPPED)
                job_ward_stopped(wrapper, (int)message.detail);
            else if (message.kind == OS_NOTICE_ENDED)
                reaper_tell_ward(&wrapper->reaper, message.detail);
    }
    if (error.code)
        return error;
    return error_make(ERROR_SYSTEM, 0, "start the sentinel",
                      "it was killed before it could watch: start again");
}

struct error wrapper_begin_sentinel(struct wrapper *wrapper)
{
    const struct run_settings *settings = wrapper->settings;
    struct sentinel *watch = &wrapper->watch;
    struct error error = os_dismissal_make(&watch->dismissal);
    if (error.code)
        return error;
    watch->wrapper = wrapper->self;
    watch->channel = wrapper->channel_far;
    sentinel_follow(watch, &settings->plan);
    if (watch->beats.source == BEATS_FILE && !watch->beats.file.ours)
        watch->ward_began_ms = wrapper->started.now_ms;
    watch->deputy.deadline_ms = wrapper->deadline_ms;
    watch->deputy.caller = wrapper->caller;
    watch->calls.fallen = sentinel_fell;
    watch->calls.attested = attested;
    watch->calls.settled = settle;
    watch->calls.context = wrapper;
    ledger_init(&watch->ledger, settings->reports.count > 0);
    error = os_fork_guard("treefall-sentinel", sentinel_body, wrapper, &wrapper->sentinel);
    if (!error.code) /* our child: its number is its own until it is reaped */
        protected_add_id(&wrapper->scope.protected, wrapper->sentinel.id);
    return error;
}

/* An early sentinel starts while the command's process is made. But if it must hear of every birth,
 * it must know the ward first. */
bool wrapper_sentinel_is_early(const struct wrapper *wrapper)
{
    return !births_are_needed(&wrapper->scope);
}

void wrapper_tell_ward(struct wrapper *wrapper)
{
    const struct os_process *ward = &wrapper->scope.ward;
    struct channel_message message = {MESSAGE_WARD, (uint32_t)ward->id.pid, ward->handle};
    os_channel_send(wrapper->channel, &message);
    pact_tell_ward(&wrapper->scope);
}

/* If the command exits at once, the sentinel's last message may still be unread. */
static void learn_reserve(struct wrapper *wrapper)
{
    struct channel_message message;
    bool closed;
    while (wrapper->reserve.handle == OS_NO_HANDLE &&
           os_channel_read(wrapper->channel, &message, &closed))
        if (message.kind == MESSAGE_RESERVE)
            wrapper_know_reserve(wrapper, &message);
}

void wrapper_end_guards(struct wrapper *wrapper)
{
    os_dismiss(wrapper->watch.dismissal);
    wrapper_reap_sentinel(wrapper);
    learn_reserve(wrapper);
    /* The reserve is the sentinel's child, and becomes ours when the sentinel exits. */
    os_guard_reap(&wrapper->reserve);
    os_handle_close(&wrapper->watch.dismissal);
}
