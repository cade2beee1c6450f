/* The other guards, as the wrapper sees them: their messages, and their loss. */
#include "run/wrapper.h"

#include "plan/say.h"
#include "tree/arm.h"
#include "tree/pact.h"

#define REPLACE_TRIES 10
#define REPLACE_MS    1000 /* after a try that did not answer, do not try again */

/* The reserve may have exited since. Then it has no handle, and is only reaped. */
void wrapper_know_reserve(struct wrapper *wrapper, const struct channel_message *message)
{
    const struct process_identity id = {(int32_t)message->detail, (uint64_t)message->value};
    protected_add_id(&wrapper->scope.protected, id);
    wrapper->reserve = (struct os_process){.id = id, .handle = OS_NO_HANDLE};
    (void)os_process_open(id, &wrapper->reserve);
}

void wrapper_reap_sentinel(struct wrapper *wrapper)
{
    os_guard_reap(&wrapper->sentinel);
    protected_remove(&wrapper->scope.protected, wrapper->sentinel.id.pid);
}

static void end_reserve(os_handle *dismissal, struct os_process *reserve)
{
    os_dismiss(*dismissal);
    os_guard_reap(reserve);
    os_handle_close(dismissal);
}

/* A sentinel may be killed before it can attest, as its predecessor was. */
static bool start_another(struct wrapper *wrapper)
{
    struct clock_reading now;
    os_clock(&now);
    int64_t until_ms = now.now_ms + REPLACE_MS;
    for (int tries = 0; tries < REPLACE_TRIES && now.now_ms < until_ms; tries++) {
        if (!wrapper_begin_sentinel(wrapper).code && !wrapper_await_sentinel(wrapper).code)
            return true;
        wrapper_end_guards(wrapper);
        os_clock(&now);
    }
    return false;
}

/* The lost sentinel's reserve stands by until there is a new one: the wrapper may be stopped
 * half-way. */
static bool replace_sentinel(struct wrapper *wrapper)
{
    os_handle dismissal = wrapper->watch.dismissal;
    struct os_process reserve = wrapper->reserve;
    wrapper_reap_sentinel(wrapper);
    wrapper->watch.dismissal = wrapper->reserve.handle = OS_NO_HANDLE;
    if (!start_another(wrapper)) {
        wrapper->watch.dismissal = dismissal;
        wrapper->reserve = reserve;
        return false;
    }
    end_reserve(&dismissal, &reserve);
    if (wrapper->settings->verbose)
        say_line("the sentinel was lost; a new one was started");
    return true;
}

/* The lost sentinel's reserve became our child. It stands by until we are done, in case we are
 * killed too. */
void wrapper_lose_sentinel(struct wrapper *wrapper)
{
    if (wrapper->settings->sentinel_loss == SENTINEL_LOSS_REPLACE && replace_sentinel(wrapper))
        return;
    wrapper_reap_sentinel(wrapper);
    wrapper->scope.guard_adopted = true;
    wrapper_force(wrapper, TRIGGER_GUARD_LOST, "the sentinel was killed");
}

void wrapper_hear_sentinel(struct wrapper *wrapper, int64_t now_ms)
{
    struct channel_message message;
    bool closed;
    while (os_channel_read(wrapper->channel, &message, &closed)) {
        if (message.kind == MESSAGE_FALL)
            wrapper_strike(wrapper, (enum trigger)message.detail, now_ms);
        if (message.kind == MESSAGE_EXTEND)
            ending_extend(&wrapper->ending, message.value);
        if (message.kind == MESSAGE_UNPROVEN)
            arm_unproven(&wrapper->scope, (enum route)message.detail);
        if (message.kind == MESSAGE_RESERVE)
            wrapper_know_reserve(wrapper, &message);
        if (message.kind == OS_NOTICE_STOPPED)
            job_ward_stopped(wrapper, (int)message.detail);
        if (message.kind == OS_NOTICE_ENDED)
            reaper_tell_ward(&wrapper->reaper, message.detail);
    }
}

void wrapper_look_for_sentinel(struct wrapper *wrapper, const struct clock_reading *now)
{
    os_handle alarm = pact_alarm(&wrapper->scope, SEAT_SENTINEL);
    enum trigger trigger = sentinel_judge(&wrapper->watch, now);
    os_alarm_set(alarm, OS_FOREVER);
    if (trigger != TRIGGER_NONE)
        wrapper_strike(wrapper, trigger, now->now_ms);
    else if (wrapper->watch.beats.source != BEATS_NONE)
        os_alarm_set(alarm, sentinel_next_look(&wrapper->watch));
}
