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

/* By path: the descriptors are the wrapper's and the other guards', too, and stay as they are. */
static void tidy_up(struct wrapper *wrapper)
{
    os_container_clear(&wrapper->scope.container);
    beats_clear(&wrapper->watch.beats);
}

/* Runs in the sentinel or the reserve when it had to fell the tree itself: the wrapper is dead,
 * stopped or hangs. */
static void sentinel_fell(void *context, enum trigger trigger, bool complete)
{
    struct wrapper *wrapper = context;
    /* Its last holder's end kills what it still holds: a kept process, and an orphan that the dead
     * sentinel had seen and the reserve had not. */
    if (complete && wrapper->scope.wire && wrapper->scope.keep.count > 0)
        os_wire_disarm(wrapper->scope.wire);
    outcome_report(wrapper, &wrapper->watch.ledger, trigger, complete, "sentinel");
}

/* In a guard that has felled the tree, or seen it felled. A wrapper that was stopped has its tree's
 * handles still, and tidies up itself when it goes on: it is waited for. */
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

/* The wrapper spares itself by its number, which is its own while it lives: we may outlive it. */
static void spare_wrapper(struct wrapper *wrapper)
{
    struct process_row row = {.id = wrapper->self.id};
    os_process_row(row.id.pid, &row);
    protected_remove(&wrapper->scope.protected, row.id.pid);
    if (!os_process_ended(&wrapper->self))
        protected_add_id(&wrapper->scope.protected, row.id);
}

/* The rest comes while the command starts: in its way nobody would wait for this. */
static void attested(void *context)
{
    struct wrapper *wrapper = context;
    struct channel_message armed = {.kind = MESSAGE_ARMED};
    /* The wrapper waits for this, or for our end. */
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

/* The part of ours ended when the command was made: it has all of it, and is not to be kept open by
 * the guards, which share one table. */
static void leave_caller(const struct run_settings *settings)
{
    if (settings->stop_on_input_end)
        os_drop_inherited(STREAM_IN);
    else
        os_drop_inherited(settings->reports.count > 0 ? STREAM_OUT : STREAM_ERROR);
}

/* What takes its time comes when a command that is over at once is over: letting go of what our
 * caller had open, the session of its own (till then it is in ours, deaf to all signals but SIGKILL
 * as we are), and the trial of what the report says of the wire and of the events. */
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

/* Then it reaps the reserve, and need not wait for us to do it. */
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

/* Nothing runs before the sentinel has said, from its own process, that it watches. */
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
    if (!error.code) /* our child: its number is its own until we reap it */
        protected_add_id(&wrapper->scope.protected, wrapper->sentinel.id);
    return error;
}

/* It comes up while the command's process is made; but where it is to hear of every birth it must
 * know the ward first. */
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

/* What the sentinel told last was perhaps not read: a command that is over at once. */
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
    /* The sentinel's child; ours once that has ended. */
    os_guard_reap(&wrapper->reserve);
    os_handle_close(&wrapper->watch.dismissal);
}
