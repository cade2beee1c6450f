/* The pact: a page that all guards of a tree share, so that each can do what another one has to do
 * when that one is stopped, frozen, traced or starved, and none does what has been done.
 *
 * A guard that has something to do by a certain time sets its alarm a second later and moves it on
 * as soon as it has done it. The others wait for that alarm: it wakes them only if the guard is
 * late. What follows from being late is up to the claim (core/claim.h). */
#ifndef TREEFALL_TREE_PACT_H
#define TREEFALL_TREE_PACT_H

#include "core/claim.h"
#include "core/ending.h"
#include "core/heartbeat.h"
#include "core/verdict.h"
#include "tree/scope.h"

/* How late a guard may be before another one acts in its place. */
#define PACT_PATIENCE_MS 1000

/* How many that only lineage ties to the tree can be told. */
#define PACT_MEMBERS 128

/* What a sentinel knows of the heartbeat, for another guard to go on with. */
struct vigil {
    int32_t by; /* pid */
    struct heartbeat heartbeat;
    enum verdict_state state;
    int64_t budget_ms;
    int64_t notified_ms;
    bool file_seen;
    bool stopping;
};

struct pact {
    claim_word claim;
    /* How the tree ends, as the claim's holder has told it last: endings[told % 2]. The other one
     * is being written. 0 = not yet. */
    _Atomic uint32_t told;
    struct ending endings[2];
    _Atomic int32_t ward; /* its pid, once it is there */
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
/* The same while we act. */
void pact_progress(const struct scope *scope);
/* While the claim is ASKING, before each step: for another guard to go on with. Promises the next.
 */
void pact_tell_ending(struct scope *scope, const struct ending *ending);
/* False if its holder has not told yet. */
bool pact_learn_ending(const struct scope *scope, struct ending *out);
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
/* What another guard published last; NULL = nothing, or the last one was ours.
 * A guard that takes a lost one's place finds what that one knew. */
const struct vigil *pact_vigil(const struct scope *scope);

#endif
