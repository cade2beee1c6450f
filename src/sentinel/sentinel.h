/* The sentinel: watches a ward from outside and fells its tree, or has it felled by the wrapper.
 * One loop, one wait, one clock reading per turn, one verdict, one action. */
#ifndef TREEFALL_SENTINEL_SENTINEL_H
#define TREEFALL_SENTINEL_SENTINEL_H

#include "core/ending.h"
#include "core/heartbeat.h"
#include "core/verdict.h"
#include "plan/plan.h"
#include "report/ledger.h"
#include "sentinel/beats.h"
#include "sentinel/deputy.h"
#include "sentinel/heir.h"
#include "sentinel/upkeep.h"
#include "tree/scope.h"

/* From the sentinel to the wrapper; MESSAGE_WARD the other way. */
enum message_kind {
    MESSAGE_ARMED,    /* I watch */
    MESSAGE_RESERVE,  /* detail = the pid of my reserve, value = its start time */
    MESSAGE_UNPROVEN, /* a self-test failed; detail = the route */
    MESSAGE_FALL,     /* fell the tree; detail = the trigger */
    MESSAGE_WARD,     /* detail = the ward's pid, value = its handle, which we share */
    MESSAGE_OVER,     /* I have felled the tree in your place */
    MESSAGE_EXTEND,   /* the ward needs longer to end; value = until then */
};

/* What its owner does, all with `context`; NULL = nothing. */
struct sentinel_calls {
    /* The fall is over, and this triggered it: writes the reports. Never NULL. */
    void (*fallen)(void *context, enum trigger trigger, bool complete);
    void (*attested)(void *context);     /* once, when it is armed and has heard: says so */
    void (*settled)(void *context);      /* once, after the first look */
    void (*partner_lost)(void *context); /* starts another; NULL = it is not to have one */
    void (*succeeded)(void *context);    /* the scope has another ward */
    void *context;
};

struct sentinel {
    struct scope *scope;
    struct plan plan;
    struct sentinel_calls calls;
    struct os_process wrapper; /* its death is guard-lost; no handle = there is none */
    os_handle channel;         /* to the wrapper */
    os_handle dismissal;       /* readable when the guard is not wanted any more */
    struct os_process partner; /* takes our place; no handle = there is none */
    os_handle signals;         /* a stop signal here means: guard no longer */
    os_handle alarm;           /* without a pact: of the ward's, for when we do not look */
    struct beats beats;
    struct heartbeat heartbeat;
    int64_t ward_began_ms; /* monotonic; a file's beat from before is another run's; 0 = unknown */
    bool leads;            /* no wrapper sees to the ward's end: it is a trigger of ours */
    struct heir heir;      /* ... unless it has one */
    struct deputy deputy;
    struct upkeep upkeep;
    struct ending ending;
    struct ledger ledger;
    enum verdict_state state;
    enum trigger trigger;
    int64_t budget_ms;    /* end of a hold, a closing, or of our patience with the wrapper */
    bool acts;            /* it ends the tree, step by step */
    bool judges;          /* only says what is to be done, in another guard */
    struct error failure; /* the system did not let us wait */
};

/* All handles absent, no trigger but a lost wrapper. */
void sentinel_init(struct sentinel *sentinel, struct scope *scope);
/* What it is to do; before it runs. */
void sentinel_follow(struct sentinel *sentinel, const struct plan *plan);
/* For its parts: what follows from an event, and doing it. */
struct verdict sentinel_verdict(const struct sentinel *sentinel, enum verdict_event event,
                                int64_t now_ms);
void sentinel_apply(struct sentinel *sentinel, enum verdict_event event,
                    const struct clock_reading *now);
/* Runs until the tree has fallen or the guard is dismissed. Returns 0, or 1 if the system does not
 * let it wait (`failure`). */
int sentinel_run(struct sentinel *sentinel);
/* For `settled`: removes what killed guards left behind. */
void sentinel_tidy(void *context);
/* Fells at once: wrapper and sentinel are both lost. */
void sentinel_replace(struct sentinel *sentinel);

/* Watches in place of `first`, which does not look: until the tree has fallen, the guard is
 * dismissed, or `first` is there again (`relieved`). */
int sentinel_deputise(struct sentinel *sentinel);

/* For another guard, when the sentinel does not look: what it would do now; TRIGGER_NONE = nothing.
 */
enum trigger sentinel_judge(struct sentinel *sentinel, const struct clock_reading *now);
/* When it would look next; INT64_MAX = never. */
int64_t sentinel_next_look(struct sentinel *sentinel);

#endif
