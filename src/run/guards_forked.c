/* The sentinel and its reserve as forks of the wrapper: they know all that it knows. */
#include "run/wrapper.h"

#include "guard/arm.h"
#include "guard/births.h"

/* Runs in the sentinel when it had to fell the tree itself: the wrapper is dead or hangs. */
static void sentinel_fell(void *context, enum trigger trigger, bool complete)
{
    struct wrapper *wrapper = context;
    /* Its last holder's end kills what it still holds: a kept process, and an orphan that the dead
     * sentinel had seen and the reserve had not. */
    if (complete && wrapper->scope.wire && wrapper->scope.keep_count > 0)
        os_wire_disarm(wrapper->scope.wire);
    outcome_report(wrapper, &wrapper->watch.ledger, trigger, complete, "sentinel");
    os_container_remove(&wrapper->scope.container);
    beats_close(&wrapper->watch.beats);
}

/* The reserve does nothing but wait until wrapper and sentinel are both lost: two kills right after
 * one another are quicker than any replacement, and the wire knows only what the sentinel last saw.
 */
static int reserve_body(void *context)
{
    struct wrapper *wrapper = context;
    os_handle handles[] = {wrapper->watch.dismissal, wrapper->self.handle, wrapper->sentinel.handle,
                           wrapper->reserve_births};
    uint32_t ready;
    /* At once: a kill of the wrapper's whole group must leave somebody. */
    os_session_own();
    scope_spare(&wrapper->scope, os_process_self());
    wrapper->scope.births = wrapper->reserve_births;
    while (handles[1] != OS_NO_HANDLE || handles[2] != OS_NO_HANDLE) {
        if (os_wait(handles, 4, OS_FOREVER, &ready).code || ready & 1)
            return 0;
        if (ready & 1u << 3)
            births_read(&wrapper->scope);
        for (int i = 1; i < 3; i++)
            if (ready & 1u << i)
                handles[i] = OS_NO_HANDLE;
    }
    sentinel_replace(&wrapper->watch);
    return 0;
}

static void tell_reserve(struct wrapper *wrapper)
{
    struct process_row row = {.id = wrapper->reserve.id};
    os_process_row(row.id.pid, &row);
    struct channel_message message = {MESSAGE_RESERVE, (uint32_t)row.id.pid,
                                      (int64_t)row.id.start};
    scope_spare_id(&wrapper->scope, row.id);
    os_channel_send(wrapper->watch.channel, &message);
}

static void start_reserve(struct wrapper *wrapper)
{
    uint32_t ready = 0;
    /* A command that is over already needs none. */
    if (os_wait(&wrapper->watch.dismissal, 1, 0, &ready).code || ready != 0)
        return;
    bool known = wrapper->sentinel.handle != OS_NO_HANDLE ||
                 !os_process_watch(os_process_self(), &wrapper->sentinel).code;
    if (known &&
        !os_fork_guard("treefall-reserve", reserve_body, wrapper, &wrapper->reserve).code)
        tell_reserve(wrapper);
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
    start_reserve(wrapper);
    if (wrapper->scope.container.handle != OS_NO_HANDLE)
        os_container_prune(&wrapper->scope.container);
}

static void tell_unproven(struct wrapper *wrapper, enum route route)
{
    struct channel_message message = {.kind = MESSAGE_UNPROVEN, .detail = route};
    arm_unproven(&wrapper->scope, route);
    os_channel_send(wrapper->watch.channel, &message);
}

/* What takes its time comes when a command that is over at once is over: the session of its own
 * (till then it is in ours, deaf to all signals but SIGKILL as we are), and the trial of what the
 * report says of the wire and of the events. */
static void settle(void *context)
{
    struct wrapper *wrapper = context;
    os_session_own();
    if (wrapper->reserve.handle == OS_NO_HANDLE) /* it could not be started before */
        start_reserve(wrapper);
    if (wrapper->scope.wire && os_wire_prove(wrapper->scope.wire).code)
        tell_unproven(wrapper, ROUTE_WIRE);
    if (wrapper->watch.events != OS_NO_HANDLE && os_events_prove().code)
        tell_unproven(wrapper, ROUTE_EVENTS);
}

static int sentinel_body(void *context)
{
    struct wrapper *wrapper = context;
    wrapper->scope.reaper = 0;
    scope_spare(&wrapper->scope, os_process_self());
    int status = sentinel_run(&wrapper->watch);
    os_dismiss(wrapper->watch.dismissal);
    os_guard_reap(&wrapper->reserve);
    return status;
}

/* Nothing runs before the sentinel has said, from its own process, that it watches. */
struct error wrapper_await_sentinel(struct wrapper *wrapper)
{
    os_handle handles[] = {wrapper->channel, wrapper->sentinel.handle};
    struct channel_message message;
    uint32_t ready = 0;
    bool closed;
    struct error error = ERROR_OK;
    while (!error.code && !(ready & 2)) {
        error = os_wait(handles, 2, OS_FOREVER, &ready);
        while (!error.code && os_channel_read(wrapper->channel, &message, &closed))
            if (message.kind == MESSAGE_ARMED)
                return ERROR_OK;
            else if (message.kind == OS_NOTICE_STOPPED)
                job_ward_stopped(wrapper, (int)message.detail);
    }
    if (error.code)
        return error;
    return error_make(ERROR_SYSTEM, 0, "start the sentinel", "it was killed before it could watch");
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
    watch->kill_delay_ms = settings->kill_delay_ms;
    watch->startup_grace_ms = settings->startup_grace_ms;
    watch->hold_when_stopped = settings->hold_when_stopped;
    if (watch->beats.source == BEATS_FILE && !watch->beats.file.ours)
        watch->ward_began_ms = wrapper->started.now_ms;
    watch->closing_ms = settings->grace_ms;
    watch->fallen = sentinel_fell;
    watch->attested = attested;
    watch->settled = settle;
    watch->context = wrapper;
    ledger_init(&watch->ledger, settings->reports.count > 0);
    error = os_fork_guard("treefall-sentinel", sentinel_body, wrapper, &wrapper->sentinel);
    if (!error.code)
        scope_spare(&wrapper->scope, wrapper->sentinel.id.pid);
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
}

void wrapper_end_guards(struct wrapper *wrapper)
{
    os_dismiss(wrapper->watch.dismissal);
    os_guard_reap(&wrapper->sentinel);
    /* The sentinel's child; ours if the sentinel was killed. */
    os_guard_reap(&wrapper->reserve);
    os_handle_close(&wrapper->watch.dismissal);
}
