#include "sentinel/deputy.h"

#include "sentinel/felling.h"
#include "sentinel/sentinel.h"
#include "tree/pact.h"

#define NOTHING INT64_MAX

static bool is_ready(os_handle handle)
{
    uint32_t ready = 0;
    return handle != OS_NO_HANDLE && !os_wait(&handle, 1, 0, &ready).code && ready != 0;
}

static bool is_open(const struct sentinel *sentinel)
{
    return sentinel->state != STATE_FALLING && pact_claim(sentinel->scope).stage == CLAIM_OPEN;
}

/* The guard that must act now, and so is late if its alarm is over. */
static enum claim_seat watched_seat(const struct sentinel *sentinel)
{
    struct claim claim = pact_claim(sentinel->scope);
    if (claim.stage != CLAIM_OPEN)
        return claim.seat == sentinel->scope->seat ? SEAT_NONE : claim.seat;
    return sentinel->deputy.deadline_ms != OS_FOREVER ? SEAT_WRAPPER : SEAT_NONE;
}

/* These handles stay ready once they are. So they are not waited for while the other guard has its
 * second, nor while a kill is under way. */
void deputy_handles(const struct sentinel *sentinel, os_handle *caller, os_handle *late)
{
    bool patient = sentinel->deputy.concern_ms != NOTHING;
    *caller = is_open(sentinel) && !patient ? sentinel->deputy.caller : OS_NO_HANDLE;
    *late = patient ? OS_NO_HANDLE : pact_alarm(sentinel->scope, watched_seat(sentinel));
}

bool deputy_ward_counts(const struct sentinel *sentinel)
{
    return sentinel->scope->pact && !sentinel->leads && sentinel->plan.fall_on_exit;
}

bool deputy_hears_ward(const struct sentinel *sentinel)
{
    if (sentinel->state == STATE_FALLING)
        return sentinel->acts && !ending_awaits_rest(&sentinel->ending);
    return deputy_ward_counts(sentinel) && sentinel->deputy.concern_ms == NOTHING &&
           is_open(sentinel);
}

bool deputy_hears_first(const struct sentinel *sentinel)
{
    return sentinel->deputy.first_counts && sentinel->deputy.concern_ms == NOTHING &&
           is_open(sentinel);
}

/* The triggers that the wrapper handles. A wrapper that the terminal has suspended has switched its
 * alarm off. */
static enum verdict_event due(const struct sentinel *sentinel, int64_t now_ms)
{
    const struct scope *scope = sentinel->scope;
    if (now_ms >= sentinel->deputy.deadline_ms && pact_is_late(scope, SEAT_WRAPPER))
        return EVENT_TIMEOUT;
    if (os_caller_is_lost(sentinel->deputy.caller))
        return EVENT_CALLER_DEAD;
    if (deputy_ward_counts(sentinel) && is_ready(scope->ward.handle))
        return EVENT_WARD_DEAD;
    if (sentinel->deputy.first_counts && is_ready(sentinel->deputy.first.handle))
        return EVENT_GUARD_LOST;
    return EVENT_COUNT;
}

/* EVENT_COUNT = nothing is due, or the other guard has acted on it. */
static enum verdict_event look(struct sentinel *sentinel, bool stirred, int64_t now_ms)
{
    if (!is_open(sentinel)) {
        sentinel->deputy.concern_ms = NOTHING;
        return EVENT_COUNT;
    }
    /* For a timeout, the alarm has already waited that second. */
    if (stirred && sentinel->deputy.concern_ms == NOTHING)
        sentinel->deputy.concern_ms =
            due(sentinel, now_ms) == EVENT_TIMEOUT ? now_ms : now_ms + PACT_PATIENCE_MS;
    if (now_ms < sentinel->deputy.concern_ms)
        return EVENT_COUNT;
    sentinel->deputy.concern_ms = NOTHING;
    return due(sentinel, now_ms);
}

static void follow(struct sentinel *sentinel, enum trigger trigger)
{
    sentinel->state = STATE_FALLING;
    sentinel->trigger = trigger;
    sentinel->budget_ms = INT64_MAX;
}

void deputy_stand_in(struct sentinel *sentinel, bool late, bool stirred, int64_t now_ms)
{
    struct claim claim = pact_claim(sentinel->scope);
    bool elsewhere = pact_is_elsewhere(sentinel->scope);
    if (elsewhere && claim_is_over(&claim)) {
        sentinel->state = STATE_DONE;
        return;
    }
    bool follows = claim.stage != CLAIM_ASKING || late ||
                   (sentinel->deputy.first_counts && os_process_ended(&sentinel->deputy.first));
    if (elsewhere && follows && sentinel->state != STATE_FALLING)
        follow(sentinel, claim.trigger);
    enum verdict_event event = look(sentinel, stirred, now_ms);
    if (event == EVENT_COUNT)
        return;
    struct verdict verdict = sentinel_verdict(sentinel, event, now_ms);
    if (verdict.action == ACTION_FELL) {
        sentinel->trigger = verdict.trigger;
        felling_begin(sentinel, now_ms);
    }
}

bool deputy_is_relieved(const struct sentinel *sentinel)
{
    return sentinel->deputy.first.handle != OS_NO_HANDLE &&
           sentinel->deputy.concern_ms == NOTHING &&
           pact_claim(sentinel->scope).stage == CLAIM_OPEN &&
           !os_process_ended(&sentinel->deputy.first) &&
           !pact_is_late(sentinel->scope, SEAT_SENTINEL) && due(sentinel, 0) == EVENT_COUNT;
}

/* ---- the heartbeat ---- */

void deputy_adopt(struct sentinel *sentinel)
{
    const struct vigil *vigil = pact_vigil(sentinel->scope);
    if (!vigil || sentinel->state == STATE_FALLING || sentinel->state == STATE_DONE)
        return;
    sentinel->heartbeat = vigil->heartbeat;
    sentinel->budget_ms = vigil->budget_ms;
    sentinel->beats.notified_ms = vigil->notified_ms;
    sentinel->beats.stopping = vigil->stopping;
    sentinel->beats.file.seen |= vigil->file_seen;
    if (vigil->state != STATE_FALLING)
        sentinel->state = vigil->state;
}

void deputy_publish(struct sentinel *sentinel)
{
    if (!sentinel->scope->pact || sentinel->beats.source == BEATS_NONE ||
        sentinel->state == STATE_FALLING)
        return;
    const struct vigil vigil = {
        .heartbeat = sentinel->heartbeat,
        .state = sentinel->state,
        .budget_ms = sentinel->budget_ms,
        .notified_ms = sentinel->beats.notified_ms,
        .file_seen = sentinel->beats.file.seen,
        .stopping = sentinel->beats.stopping,
    };
    pact_publish(sentinel->scope, &vigil);
}
