#include "tree/pact.h"

#include <stdatomic.h>

struct pact *pact_make(void)
{
    struct pact *pact = os_pages_shared(sizeof *pact);
    if (!pact)
        return NULL;
    pact->ward_handle = OS_NO_HANDLE;
    for (int seat = 0; seat < SEAT_COUNT; seat++)
        pact->alarms[seat] = OS_NO_HANDLE;
    for (int seat = SEAT_NONE + 1; seat < SEAT_COUNT; seat++)
        if (os_alarm_make(&pact->alarms[seat]).code) {
            while (seat-- > 0)
                os_handle_close(&pact->alarms[seat]);
            os_pages_free(pact, sizeof *pact);
            return NULL;
        }
    return pact;
}

/* ---- the claim ---- */

struct claim pact_claim(const struct scope *scope)
{
    return scope->pact ? claim_read(&scope->pact->claim) : (struct claim){0};
}

bool pact_is_elsewhere(const struct scope *scope)
{
    struct claim claim = pact_claim(scope);
    return claim.stage != CLAIM_OPEN && claim.seat != scope->seat;
}

/* The alarm is set before the claim is taken, and reset if the claim is not ours. Otherwise a guard
 * that is stopped between the two steps would never count as late. */
static bool keep_if(const struct scope *scope, bool ours)
{
    if (!ours)
        pact_promise(scope, OS_FOREVER);
    return ours;
}

bool pact_take(struct scope *scope, enum trigger trigger)
{
    if (!scope->pact)
        return true;
    pact_progress(scope);
    return keep_if(scope, claim_take(&scope->pact->claim, scope->seat, trigger) ||
                              !pact_is_elsewhere(scope));
}

bool pact_overtake(struct scope *scope, const struct claim *seen, enum claim_stage stage)
{
    const struct claim next = {stage, scope->seat, seen->trigger, 0};
    pact_progress(scope);
    return keep_if(scope, claim_overtake(&scope->pact->claim, seen, &next));
}

bool pact_advance(struct scope *scope, enum claim_stage stage)
{
    return !scope->pact || claim_advance(&scope->pact->claim, scope->seat, stage);
}

/* ---- deadlines ---- */

os_handle pact_alarm(const struct scope *scope, enum claim_seat seat)
{
    return scope->pact ? scope->pact->alarms[seat] : OS_NO_HANDLE;
}

void pact_promise(const struct scope *scope, int64_t by_ms)
{
    bool never = by_ms > OS_FOREVER - PACT_PATIENCE_MS;
    os_alarm_set(pact_alarm(scope, scope->seat), never ? OS_FOREVER : by_ms + PACT_PATIENCE_MS);
}

void pact_progress(const struct scope *scope)
{
    struct clock_reading now;
    if (!scope->pact)
        return;
    os_clock(&now);
    pact_promise(scope, now.now_ms);
}

void pact_tell_ending(struct scope *scope, const struct ending *ending)
{
    struct pact *pact = scope->pact;
    if (!pact)
        return;
    uint32_t next = atomic_load(&pact->told) + 1;
    pact->endings[next % 2] = *ending;
    atomic_store(&pact->told, next);
    pact_promise(scope, ending_deadline(ending));
}

bool pact_learn_ending(const struct scope *scope, struct ending *out)
{
    const struct pact *pact = scope->pact;
    uint32_t told = pact ? atomic_load(&pact->told) : 0;
    if (told == 0)
        return false;
    *out = pact->endings[told % 2];
    return true;
}

bool pact_is_late(const struct scope *scope, enum claim_seat seat)
{
    os_handle alarm = pact_alarm(scope, seat);
    uint32_t ready = 0;
    return alarm != OS_NO_HANDLE && !os_wait(&alarm, 1, 0, &ready).code && ready != 0;
}

/* ---- what one guard knows and another needs ---- */

void pact_tell_ward(struct scope *scope)
{
    if (!scope->pact)
        return;
    scope->pact->ward_handle = scope->ward.handle;
    atomic_store(&scope->pact->ward, scope->ward.id.pid);
}

bool pact_learn_ward(struct scope *scope)
{
    int32_t pid = scope->pact ? atomic_load(&scope->pact->ward) : 0;
    if (pid == 0)
        return false;
    scope->ward = (struct os_process){{pid, 0}, scope->pact->ward_handle};
    return true;
}

void pact_note_member(struct scope *scope, struct process_identity id)
{
    struct pact *pact = scope->pact;
    size_t place = PACT_MEMBERS;
    for (size_t i = 0; pact && i < PACT_MEMBERS; i++) {
        if (process_is_same(pact->members[i], id))
            return;
        if (place == PACT_MEMBERS &&
            (pact->members[i].pid == 0 || !os_process_is_there(pact->members[i])))
            place = i;
    }
    if (place < PACT_MEMBERS)
        pact->members[place] = id;
}

void pact_learn_members(struct scope *scope)
{
    for (size_t i = 0; scope->pact && i < PACT_MEMBERS; i++) {
        struct process_identity id = scope->pact->members[i];
        if (id.pid != 0 && os_process_is_there(id))
            lineage_remember(&scope->lineage, id);
    }
}

void pact_publish(struct scope *scope, const struct vigil *vigil)
{
    struct pact *pact = scope->pact;
    if (!pact)
        return;
    uint32_t next = atomic_load(&pact->published) + 1;
    pact->vigils[next % 2] = *vigil;
    pact->vigils[next % 2].by = os_process_self();
    atomic_store(&pact->published, next);
}

const struct vigil *pact_vigil(const struct scope *scope)
{
    const struct pact *pact = scope->pact;
    uint32_t published = pact ? atomic_load(&pact->published) : 0;
    const struct vigil *vigil = pact ? &pact->vigils[published % 2] : NULL;
    return published == 0 || vigil->by == os_process_self() ? NULL : vigil;
}
