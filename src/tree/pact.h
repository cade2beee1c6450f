/* The pact: a page that all guards of a tree share. If a guard is stopped, frozen, traced or
 * starved, another guard can do its work, and no work is done twice.
 *
 * A guard that must do something by a certain time sets its alarm a second later, and moves the
 * alarm on as soon as the work is done. The other guards wait for that alarm, so they wake up only
 * if the guard is late. What a late guard loses is up to the claim (core/claim.h). */
#ifndef TREEFALL_TREE_PACT_H
#define TREEFALL_TREE_PACT_H

#include "core/claim.h"
#include "core/ending.h"
#include "core/heartbeat.h"
#include "core/verdict.h"
#include "tree/scope.h"

/* How late a guard may be before another one acts in its place. */
#define PACT_PATIENCE_MS 1000

/* Room for members that only the lineage ties to the tree. */
#define PACT_MEMBERS 128

/* What a sentinel knows of the heartbeat, so that another guard can go on with it. */
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
    /* How the tree ends, as the holder of the claim last published it: endings[told % 2]. The other
     * entry is being written. 0 = not yet. */
    _Atomic uint32_t told;
    struct ending endings[2];
    _Atomic int32_t ward; /* the ward's pid, once it is started */
    os_handle ward_handle;
    os_handle alarms[SEAT_COUNT];
    /* The newest vigil is vigils[published % 2]. The other entry is being written, perhaps by a
     * guard that was stopped half-way. */
    _Atomic uint32_t published;
    struct vigil vigils[2];
    /* Each entry is proven by number and start time before it is signalled: a half-written entry
     * fits no process. */
    struct process_identity members[PACT_MEMBERS];
};

/* NULL on failure: each guard then goes by what it knows itself. */
struct pact *pact_make(void);

/* All functions below act for the guard that has this scope. A guard without a pact holds every
 * claim. */
struct claim pact_claim(const struct scope *scope);
/* Whether another guard holds the claim, or held it and the kill is over. */
bool pact_is_elsewhere(const struct scope *scope);
/* True if the claim is ours now: it was open, or was ours already. */
bool pact_take(struct scope *scope, enum trigger trigger);
/* Takes the claim from its holder, if it is still as `seen`. */
bool pact_overtake(struct scope *scope, const struct claim *seen, enum claim_stage stage);
/* False if another guard has overtaken us. */
bool pact_advance(struct scope *scope, enum claim_stage stage);

/* We act by then, or others may act for us. OS_FOREVER: we have nothing to do. */
void pact_promise(const struct scope *scope, int64_t by_ms);
/* The same, renewed while we act. */
void pact_progress(const struct scope *scope);
/* Call before each step while the claim is ASKING, so that another guard can go on. Promises the
 * next step. */
void pact_tell_ending(struct scope *scope, const struct ending *ending);
/* False if the holder of the claim has not published an ending yet. */
bool pact_learn_ending(const struct scope *scope, struct ending *out);
/* Readable when the guard in that seat is late. */
os_handle pact_alarm(const struct scope *scope, enum claim_seat seat);
bool pact_is_late(const struct scope *scope, enum claim_seat seat);

void pact_tell_ward(struct scope *scope);
/* False if the ward is not known yet. */
bool pact_learn_ward(struct scope *scope);

/* A member that lost the brand. A guard that did not see it cannot find it once its parents are
 * dead. */
void pact_note_member(struct scope *scope, struct process_identity id);
void pact_learn_members(struct scope *scope);

void pact_publish(struct scope *scope, const struct vigil *vigil);
/* What another guard published last. NULL = nothing, or the last vigil was ours. A guard that
 * replaces a lost guard goes on from there. */
const struct vigil *pact_vigil(const struct scope *scope);

#endif
