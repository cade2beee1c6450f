/* The pact: a page that all guards of a tree share, so that each can do what another one has to do
 * when that one is stopped, frozen, traced or starved, and none does what has been done.
 *
 * A guard that has something to do by a certain time sets its alarm a second later and moves it on
 * as soon as it has done it. The others wait for that alarm: it wakes them only if the guard is
 * late. What follows from being late is up to the claim (core/claim.h). */
#ifndef TREEFALL_GUARD_PACT_H
#define TREEFALL_GUARD_PACT_H

#include "core/claim.h"
#include "core/heartbeat.h"
#include "core/verdict.h"
#include "guard/scope.h"

/* How late a guard may be before another one acts in its place. */
#define PACT_PATIENCE_MS 1000

/* How many that only lineage ties to the tree can be told. */
#define PACT_MEMBERS 128

/* What a sentinel knows of the heartbeat, for another guard to go on with. */
struct vigil {
    enum claim_seat by;
    struct heartbeat heartbeat;
    enum verdict_state state;
    int64_t budget_ms;
    int64_t closing_until_ms;
    int64_t notified_ms;
    bool file_seen;
    bool stopping;
};

struct pact {
    claim_word claim;
    _Atomic int64_t grace_ends_ms; /* while the claim is ASKING; 0 = not all are asked yet */
    _Atomic bool leftovers_asked;  /* what the ward left behind was asked, and that is its grace */
    _Atomic int32_t ward;          /* its pid, once it is there */
    os_handle ward_handle;
    os_handle alarms[SEAT_COUNT];
    /* The newest vigil is vigils[published % 2]. The other one is being written, perhaps by a guard
     * that was stopped in the middle of it. */
    _Atomic uint32_t published;
    struct vigil vigils[2];
    /* Each is proven by number and start time before it is signalled: one that is half written fits
     * no process. */
    struct process_identity members[PACT_MEMBERS];
};

/* NULL where there is none: each guard then goes by what it knows itself. */
struct pact *pact_make(void);

/* All of these are for the guard that has this scope. Without a pact it holds every claim. */
struct claim pact_claim(const struct scope *scope);
/* Whether another guard holds the claim, or did and the fall is over. */
bool pact_is_elsewhere(const struct scope *scope);
/* True if the claim is ours now: it was open, or ours already. */
bool pact_take(struct scope *scope, enum trigger trigger);
/* Takes it from its holder, as `seen`. */
bool pact_overtake(struct scope *scope, const struct claim *seen, enum claim_stage stage);
/* False if another guard has overtaken us. */
bool pact_advance(struct scope *scope, enum claim_stage stage);

/* We do something by then, or others may do it for us. OS_FOREVER: we have nothing to do. */
void pact_promise(const struct scope *scope, int64_t by_ms);
/* The same while we act: now, and until the end of a grace. */
void pact_progress(const struct scope *scope);
void pact_promise_grace(struct scope *scope, int64_t ends_ms);
/* Before we ask again: the grace begins when all are asked. */
void pact_begin_asking(struct scope *scope);
/* While the claim is ASKING: the end of the grace; 0 = not all are asked yet. */
int64_t pact_grace_end(const struct scope *scope);
/* The same, of a grace for what the ward left behind: it is asked once. */
void pact_tell_leftovers(struct scope *scope, int64_t ends_ms);
/* The end of that grace; 0 = it was not asked. */
int64_t pact_leftovers_end(const struct scope *scope);
/* Readable when the guard in that seat is late. */
os_handle pact_alarm(const struct scope *scope, enum claim_seat seat);
bool pact_is_late(const struct scope *scope, enum claim_seat seat);

void pact_tell_ward(struct scope *scope);
/* False if it is not told yet. */
bool pact_learn_ward(struct scope *scope);

/* A member that lost the brand: a guard that did not see it cannot find it once its parents are
 * dead. */
void pact_note_member(struct scope *scope, struct process_identity id);
void pact_learn_members(struct scope *scope);

void pact_publish(struct scope *scope, const struct vigil *vigil);
/* What another guard published last; NULL = nothing, or the last one was ours. */
const struct vigil *pact_vigil(const struct scope *scope);

#endif
