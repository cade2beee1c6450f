#include "sentinel/felling.h"

#include "guard/fall.h"
#include "guard/pact.h"

/* Without a pact the wrapper is given its own budget, and this. */
#define PATIENCE_MS 2000
/* A guard that is not told of an end looks now and then. */
#define LEFTOVER_LOOK_MS 50

static int64_t later(int64_t now_ms, int64_t delay_ms)
{
    return delay_ms > INT64_MAX - now_ms ? INT64_MAX : now_ms + delay_ms;
}

static bool has(os_handle handle)
{
    return handle != OS_NO_HANDLE;
}

/* ---- asking ---- */

static bool wait_until(struct sentinel *sentinel, int64_t until_ms)
{
    sentinel->asked_until_ms = until_ms;
    sentinel->budget_ms = until_ms;
    pact_promise_grace(sentinel->scope, until_ms);
    return true;
}

/* --no-fall-on-exit: the tree goes on without its ward, and its grace with it. */
static bool outlives_ward(const struct sentinel *sentinel)
{
    return sentinel->scope->pact && !sentinel->ward_counts && !sentinel->fall_on_exit;
}

/* These ask_ functions return whether there is an answer to wait for. */
static bool ask_ward(struct sentinel *sentinel, int64_t now_ms)
{
    struct os_process *ward = &sentinel->scope->ward;
    bool ended = has(ward->handle) && os_process_ended(ward);
    if (sentinel->ask_signal == 0 || !(sentinel->asks_for & 1u << sentinel->trigger) ||
        !has(ward->handle) || (ended && !outlives_ward(sentinel)))
        return false;
    if (sentinel->ask_all || ended)
        fall_ask_all(sentinel->scope, sentinel->ask_signal, &sentinel->ledger);
    else
        os_strike_handle(ward, sentinel->ask_signal);
    os_strike_handle(ward, os_signal_continue());
    return sentinel->grace_ms > 0 && wait_until(sentinel, later(now_ms, sentinel->grace_ms));
}

static bool ask_leftovers(struct sentinel *sentinel, int64_t now_ms)
{
    const struct os_process *ward = &sentinel->scope->ward;
    if (sentinel->exit_grace_ms <= 0 || sentinel->leftovers_asked || !has(ward->handle) ||
        !os_process_ended(ward))
        return false;
    sentinel->leftovers_asked = true;
    pact_begin_asking(sentinel->scope);
    if (fall_ask_all(sentinel->scope, sentinel->ask_signal, &sentinel->ledger) == 0)
        return false;
    sentinel->asked_until_ms = later(now_ms, sentinel->exit_grace_ms);
    sentinel->budget_ms = now_ms;
    pact_tell_leftovers(sentinel->scope, sentinel->asked_until_ms);
    return true;
}

/* ---- felling ---- */

static void finish(struct sentinel *sentinel)
{
    struct scope *scope = sentinel->scope;
    sentinel->acts = false;
    sentinel->budget_ms = INT64_MAX;
    if (!pact_advance(scope, CLAIM_FELLING))
        return;
    pact_progress(scope);
    scope_settle_siblings(scope);
    bool complete = fall_as_stranger(scope, &sentinel->ledger);
    if (!pact_advance(scope, CLAIM_REPORTING))
        return;
    pact_progress(scope);
    sentinel->fallen(sentinel->context, sentinel->trigger, complete);
    pact_advance(scope, complete ? CLAIM_COMPLETE : CLAIM_INCOMPLETE);
    sentinel->state = STATE_DONE;
}

static bool is_gone(const struct os_process *process)
{
    return !has(process->handle) || os_process_ended(process);
}

/* A holder that does not go on. A partner in the other seat is a sentinel, too: its alarm tells. */
static bool is_holder_lost(const struct sentinel *sentinel, const struct claim *claim)
{
    if (claim->seat == SEAT_WRAPPER && is_gone(&sentinel->wrapper))
        return true;
    if (claim->seat == SEAT_SENTINEL && has(sentinel->first.handle) &&
        os_process_ended(&sentinel->first))
        return true;
    return (sentinel->unanswered && claim->stage == CLAIM_ASKING) ||
           pact_is_late(sentinel->scope, claim->seat);
}

/* False if another guard holds the claim and goes on. */
static bool seize(struct sentinel *sentinel)
{
    struct scope *scope = sentinel->scope;
    struct claim claim = pact_claim(scope);
    if (pact_take(scope, sentinel->trigger))
        return true;
    claim = pact_claim(scope);
    if (claim_is_over(&claim) || !is_holder_lost(sentinel, &claim) ||
        !pact_overtake(scope, &claim, CLAIM_FELLING))
        return false;
    sentinel->trigger = claim.trigger; /* the first one is why the tree falls */
    sentinel->forced = true;           /* what was asked for has had its grace */
    return true;
}

void felling_begin(struct sentinel *sentinel, int64_t now_ms)
{
    sentinel->state = STATE_FALLING;
    sentinel->budget_ms = INT64_MAX;
    if (!seize(sentinel))
        return;
    ledger_begin(&sentinel->ledger);
    sentinel->acts = !sentinel->forced &&
                     (ask_ward(sentinel, now_ms) || (sentinel->asks_for & 1u << sentinel->trigger &&
                                                     ask_leftovers(sentinel, now_ms)));
    if (!sentinel->acts)
        finish(sentinel);
}

/* The wrapper can do more: it is the tree's subreaper and knows who stopped whom. */
bool felling_tell_wrapper(struct sentinel *sentinel, int64_t now_ms)
{
    struct channel_message message = {MESSAGE_FALL, sentinel->trigger, 0};
    int64_t patience_ms = sentinel->scope->pact ? PACT_PATIENCE_MS : PATIENCE_MS + FALL_BUDGET_MS;
    if (!has(sentinel->wrapper.handle) || os_process_ended(&sentinel->wrapper))
        return false;
    sentinel->budget_ms = later(now_ms, patience_ms);
    return os_channel_send(sentinel->channel, &message);
}

static void await_answer(struct sentinel *sentinel, int64_t now_ms)
{
    bool ended = os_process_ended(&sentinel->scope->ward);
    sentinel->leftovers_asked |= ended && outlives_ward(sentinel);
    if (pact_is_elsewhere(sentinel->scope)) {
        sentinel->acts = false;
        sentinel->budget_ms = INT64_MAX;
    } else if (sentinel->leftovers_asked) {
        sentinel->budget_ms = later(now_ms, LEFTOVER_LOOK_MS);
        if (now_ms >= sentinel->asked_until_ms || fall_finds_none(sentinel->scope))
            finish(sentinel);
    } else if (now_ms >= sentinel->asked_until_ms || (ended && !ask_leftovers(sentinel, now_ms))) {
        finish(sentinel);
    }
}

static void follow_holder(struct sentinel *sentinel, int64_t now_ms)
{
    struct claim claim = pact_claim(sentinel->scope);
    if (claim_is_over(&claim)) {
        sentinel->state = STATE_DONE;
    } else if (is_holder_lost(sentinel, &claim)) {
        felling_begin(sentinel, now_ms);
    }
}

void felling_go_on(struct sentinel *sentinel, int64_t now_ms)
{
    if (sentinel->acts) {
        await_answer(sentinel, now_ms);
    } else if (pact_is_elsewhere(sentinel->scope)) {
        if (now_ms >= sentinel->budget_ms) {
            sentinel->unanswered = true;
            sentinel->budget_ms = INT64_MAX;
        }
        follow_holder(sentinel, now_ms);
    } else if (now_ms >= sentinel->budget_ms) {
        felling_begin(sentinel, now_ms);
    }
}
