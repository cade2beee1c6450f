/* What the wrapper agrees on with the other guards. It claims a kill before it begins. If another
 * guard has begun a kill because we were stopped, we take the kill over or leave it to that
 * guard. */
#include "run/wrapper.h"

#include "tree/pact.h"

#define ASKING_LOOK_MS 2

void wrapper_promise(struct wrapper *wrapper)
{
    struct scope *scope = &wrapper->scope;
    if (wrapper->ending.phase == ENDING_NONE)
        pact_promise(scope, wrapper->deadline_ms);
    else if (wrapper->ending.phase == ENDING_FORCED)
        pact_progress(scope);
    else
        pact_tell_ending(scope, &wrapper->ending);
}

void wrapper_promise_nothing(struct wrapper *wrapper)
{
    pact_promise(&wrapper->scope, OS_FOREVER);
}

static bool is_lost(const struct wrapper *wrapper, const struct claim *claim)
{
    if (claim->seat == SEAT_SENTINEL && wrapper->sentinel.handle != OS_NO_HANDLE &&
        os_process_ended(&wrapper->sentinel))
        return true;
    return pact_is_late(&wrapper->scope, claim->seat);
}

/* The guard that holds the claim may be asking at this moment. Wait, so that no process is asked
 * twice. */
static struct claim await_asked(struct wrapper *wrapper)
{
    struct scope *scope = &wrapper->scope;
    struct claim claim = pact_claim(scope);
    struct ending unused;
    while (claim.stage == CLAIM_ASKING && claim.seat != SEAT_WRAPPER &&
           !pact_learn_ending(scope, &unused) && !is_lost(wrapper, &claim)) {
        os_handle alarm = pact_alarm(scope, claim.seat);
        struct clock_reading now;
        uint32_t ready;
        os_clock(&now);
        os_wait(&alarm, 1, now.now_ms + ASKING_LOOK_MS, &ready);
        claim = pact_claim(scope);
    }
    return claim;
}

/* We can do more than the guard that asked, so we go on from its ending. */
static bool take_over_grace(struct wrapper *wrapper, const struct claim *claim)
{
    struct ending *ending = &wrapper->ending;
    struct scope *scope = &wrapper->scope;
    if (claim->stage != CLAIM_ASKING || !pact_overtake(scope, claim, CLAIM_ASKING))
        return false;
    struct ending theirs;
    if (ending->phase != ENDING_FORCED && pact_learn_ending(scope, &theirs))
        ending_inherit(ending, &theirs);
    else
        ending_force(ending, claim->trigger);
    ending->trigger = claim->trigger;
    wrapper->deadline_ms = OS_FOREVER;
    wrapper_promise(wrapper);
    return true;
}

void wrapper_claim(struct wrapper *wrapper)
{
    struct scope *scope = &wrapper->scope;
    if (scope->pact && pact_claim(scope).stage == CLAIM_OPEN &&
        pact_take(scope, wrapper->ending.trigger))
        wrapper_promise(wrapper);
}

bool wrapper_is_relieved(struct wrapper *wrapper)
{
    struct scope *scope = &wrapper->scope;
    if (wrapper->ending.phase != ENDING_NONE)
        wrapper_claim(wrapper);
    if (pact_claim(scope).stage == CLAIM_OPEN)
        return false;
    struct claim claim = await_asked(wrapper);
    return claim.seat != SEAT_WRAPPER && !take_over_grace(wrapper, &claim);
}

/* ---- while another guard kills ---- */

static void wait_for_news(struct wrapper *wrapper, enum claim_seat seat)
{
    /* The death of the sentinel says nothing about the reserve. */
    const os_handle handles[] = {wrapper->signals, wrapper->channel,
                                 pact_alarm(&wrapper->scope, seat),
                                 seat == SEAT_SENTINEL ? wrapper->sentinel.handle : OS_NO_HANDLE};
    struct channel_message message;
    struct os_signal signal;
    bool closed;
    uint32_t ready;
    os_wait(handles, sizeof handles / sizeof *handles, OS_FOREVER, &ready);
    while (os_signals_read(wrapper->signals, &signal))
        ;
    while (os_channel_read(wrapper->channel, &message, &closed))
        ;
    reaper_take(&wrapper->reaper);
}

static void learn_outcome(struct wrapper *wrapper, const struct claim *claim)
{
    wrapper->ending.trigger = claim->trigger;
    wrapper->ending.phase = ENDING_FORCED;
}

/* True when another guard has killed the tree. False when that is left to us, because no guard has
 * begun, or the guard that began does not go on. */
static bool await_other(struct wrapper *wrapper)
{
    struct scope *scope = &wrapper->scope;
    for (;;) {
        struct claim claim = pact_claim(scope);
        if (claim_is_over(&claim) && claim.seat != SEAT_WRAPPER) {
            learn_outcome(wrapper, &claim);
            wrapper->felled_elsewhere = true;
            wrapper->incomplete_elsewhere = claim.stage == CLAIM_INCOMPLETE;
            return true;
        }
        if (claim.seat == SEAT_WRAPPER)
            return false;
        if (is_lost(wrapper, &claim) && pact_overtake(scope, &claim, CLAIM_FELLING)) {
            learn_outcome(wrapper, &claim);
            return false;
        }
        wait_for_news(wrapper, claim.seat);
    }
}

bool wrapper_leaves_fall(struct wrapper *wrapper)
{
    struct scope *scope = &wrapper->scope;
    if (pact_take(scope, wrapper->ending.trigger))
        return false;
    return await_other(wrapper);
}

bool wrapper_may_report(struct wrapper *wrapper)
{
    return !wrapper->felled_elsewhere &&
           (pact_advance(&wrapper->scope, CLAIM_REPORTING) || !await_other(wrapper));
}
