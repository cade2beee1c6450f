#include "sentinel/felling.h"

#include "base/moment.h"
#include "tree/ask.h"
#include "tree/find.h"
#include "tree/kill.h"
#include "tree/pact.h"
#include "tree/step.h"

/* Without a pact, the wrapper has its own budget and this time to act. */
#define PATIENCE_MS 2000
/* A guard that is not notified when a process exits looks now and then. */
#define REST_LOOK_MS 50

static bool has(os_handle handle)
{
    return handle != OS_NO_HANDLE;
}

static bool is_gone(const struct os_process *process)
{
    return !has(process->handle) || os_process_ended(process);
}

/* ---- the steps of the ending ---- */

static void ask_ward(struct sentinel *sentinel)
{
    struct os_process *ward = &sentinel->scope->ward;
    if (sentinel->plan.group || step_keeps_ward(sentinel->scope))
        ask_all(sentinel->scope, sentinel->plan.signal, &sentinel->ledger);
    else
        os_strike_handle(ward, sentinel->plan.signal);
    os_strike_handle(ward, os_signal_continue());
}

/* Published before the step is taken: a wrapper that goes on meanwhile asks no process a second
 * time. */
static void take(struct sentinel *sentinel, enum ending_step step)
{
    if (step != STEP_NONE && step != STEP_FORCE)
        pact_tell_ending(sentinel->scope, &sentinel->ending);
    if (step == STEP_ASK)
        ask_ward(sentinel);
    step_take(sentinel->scope, &sentinel->ending, step, &sentinel->ledger);
}

static void finish(struct sentinel *sentinel)
{
    struct scope *scope = sentinel->scope;
    sentinel->acts = false;
    sentinel->budget_ms = INT64_MAX;
    if (!pact_advance(scope, CLAIM_FELLING))
        return;
    pact_progress(scope);
    protected_settle_siblings(&scope->protected);
    bool complete = kill_as_stranger(scope, &sentinel->ledger);
    if (!pact_advance(scope, CLAIM_REPORTING))
        return;
    pact_progress(scope);
    sentinel->calls.fallen(sentinel->calls.context, sentinel->trigger, complete);
    pact_advance(scope, complete ? CLAIM_COMPLETE : CLAIM_INCOMPLETE);
    sentinel->state = STATE_DONE;
}

/* Waits until the phase is over. A process that is not our child sends no signal when it exits. */
static void await_end(struct sentinel *sentinel, int64_t now_ms)
{
    const struct ending *ending = &sentinel->ending;
    bool looks = ending_awaits_rest(ending);
    if (ending->phase == ENDING_FORCED || (looks && find_none(sentinel->scope))) {
        finish(sentinel);
        return;
    }
    pact_tell_ending(sentinel->scope, ending);
    sentinel->budget_ms = ending_deadline(ending);
    if (looks && sentinel->budget_ms > moment_after(now_ms, REST_LOOK_MS))
        sentinel->budget_ms = moment_after(now_ms, REST_LOOK_MS);
}

static void begin(struct sentinel *sentinel, int64_t now_ms)
{
    struct ending *ending = &sentinel->ending;
    enum trigger trigger = sentinel->trigger;
    bool gone = is_gone(&sentinel->scope->ward);
    bool asks = sentinel->plan.asks_for & 1U << trigger;
    sentinel->acts = true;
    if (trigger == TRIGGER_GUARD_LOST)
        ending_force(ending, trigger);
    else if (asks)
        take(sentinel, ending_ask(ending, trigger, gone, now_ms));
    else
        take(sentinel, ending_strike(ending, trigger, gone, now_ms));
    await_end(sentinel, now_ms);
}

static void go_on(struct sentinel *sentinel, int64_t now_ms)
{
    struct ending *ending = &sentinel->ending;
    if (pact_is_elsewhere(sentinel->scope)) {
        sentinel->acts = false;
        sentinel->budget_ms = INT64_MAX;
        return;
    }
    if (is_gone(&sentinel->scope->ward))
        take(sentinel, ending_command_gone(ending, now_ms));
    take(sentinel, ending_pass(ending, now_ms));
    await_end(sentinel, now_ms);
}

/* ---- which guard acts ---- */

/* Whether the holder does not go on. A partner in the other seat is a sentinel too: its alarm
 * tells. */
static bool is_holder_lost(const struct sentinel *sentinel, const struct claim *claim)
{
    if (claim->seat == SEAT_WRAPPER && is_gone(&sentinel->wrapper))
        return true;
    if (claim->seat == SEAT_SENTINEL && has(sentinel->deputy.first.handle) &&
        os_process_ended(&sentinel->deputy.first))
        return true;
    return pact_is_late(sentinel->scope, claim->seat);
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
    sentinel->trigger = claim.trigger; /* the first trigger is why the tree is killed */
    ending_force(&sentinel->ending, claim.trigger); /* all asked have had their grace */
    return true;
}

void felling_begin(struct sentinel *sentinel, int64_t now_ms)
{
    struct claim claim = pact_claim(sentinel->scope);
    sentinel->state = STATE_FALLING;
    sentinel->budget_ms = INT64_MAX;
    /* Another guard killed the tree. Or a sentinel did, then died and left its seat to us. */
    if (claim_is_over(&claim)) {
        sentinel->state = STATE_DONE;
        return;
    }
    if (!seize(sentinel))
        return;
    ledger_begin(&sentinel->ledger);
    scope_keep_unwired(sentinel->scope);
    begin(sentinel, now_ms);
}

static int64_t wrapper_budget_ms(const struct sentinel *sentinel)
{
    const struct ending *ending = &sentinel->ending;
    int64_t graces_ms = moment_after(ending->grace_ms, ending->exit_grace_ms);
    return moment_after(graces_ms, PATIENCE_MS + KILL_BUDGET_MS);
}

/* The wrapper can do more: it is the tree's subreaper and knows who stopped whom. */
bool felling_tell_wrapper(struct sentinel *sentinel, int64_t now_ms)
{
    struct channel_message message = {MESSAGE_FALL, sentinel->trigger, 0};
    int64_t patience_ms = sentinel->scope->pact ? PACT_PATIENCE_MS : wrapper_budget_ms(sentinel);
    if (!has(sentinel->wrapper.handle) || os_process_ended(&sentinel->wrapper))
        return false;
    sentinel->budget_ms = moment_after(now_ms, patience_ms);
    return os_channel_send(sentinel->channel, &message);
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
        go_on(sentinel, now_ms);
    } else if (pact_is_elsewhere(sentinel->scope)) {
        if (now_ms >= sentinel->budget_ms)
            sentinel->budget_ms = INT64_MAX;
        follow_holder(sentinel, now_ms);
    } else if (now_ms >= sentinel->budget_ms) {
        felling_begin(sentinel, now_ms);
    }
}
