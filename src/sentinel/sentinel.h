/* The sentinel: watches a ward from outside, and kills its tree or lets the wrapper kill it. One
 * loop, one wait, one clock reading per turn, one verdict, one action. */
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

/* Sent by the sentinel to the wrapper, except MESSAGE_WARD. */
enum message_kind {
    MESSAGE_ARMED,    /* the sentinel watches */
    MESSAGE_RESERVE,  /* detail = the pid of the sentinel's reserve, value = its start time */
    MESSAGE_UNPROVEN, /* a self-test failed; detail = the route */
    MESSAGE_FALL,     /* kill the tree; detail = the trigger */
    MESSAGE_WARD,     /* detail = the ward's pid, value = its handle, which both share */
    MESSAGE_OVER,     /* the tree was killed in the wrapper's place */
    MESSAGE_EXTEND,   /* the ward needs longer to exit; value = until when */
};

/* What the owner of the sentinel does, called with `context`. NULL = nothing. */
struct sentinel_calls {
    /* The kill for this trigger is over: writes the reports. Never NULL. */
    void (*fallen)(void *context, enum trigger trigger, bool complete);
    void (*attested)(void *context); /* once, when armed and after the first look: announces it */
    void (*settled)(void *context);  /* once, after the first look */
    void (*partner_lost)(void *context); /* starts another partner; NULL = it has none */
    void (*succeeded)(void *context);    /* the scope has another ward */
    void *context;
};

struct sentinel {
    struct scope *scope;
    struct plan plan;
    struct sentinel_calls calls;
    struct os_process wrapper; /* its death is guard-lost; no handle = none */
    os_handle channel;         /* to the wrapper */
    os_handle dismissal;       /* readable when the guard is no longer needed */
    struct os_process partner; /* takes our place; no handle = none */
    os_handle signals;         /* a stop signal here means: stop guarding */
    os_handle alarm;           /* without a pact: the ward's alarm, for when we do not look */
    struct beats beats;
    struct heartbeat heartbeat;
    int64_t ward_began_ms; /* monotonic; an earlier beat in a file is another run's; 0 = unknown */
    bool leads;            /* no wrapper handles the ward's end: it is our trigger */
    struct heir heir;      /* unless the ward has an heir */
    struct deputy deputy;
    struct upkeep upkeep;
    struct ending ending;
    struct ledger ledger;
    enum verdict_state state;
    enum trigger trigger;
    int64_t budget_ms;    /* end of a hold, of a closing, or of the wait for the wrapper */
    bool acts;            /* this guard ends the tree, step by step */
    bool judges;          /* in another guard: decides only, and does not act */
    struct error failure; /* why the system did not let us wait */
};

/* No handle is set, and a lost wrapper is the only trigger. */
void sentinel_init(struct sentinel *sentinel, struct scope *scope);
/* Sets the plan. Call before the sentinel runs. */
void sentinel_follow(struct sentinel *sentinel, const struct plan *plan);
/* For the sentinel's parts: what follows from an event, and doing that. */
struct verdict sentinel_verdict(const struct sentinel *sentinel, enum verdict_event event,
                                int64_t now_ms);
void sentinel_apply(struct sentinel *sentinel, enum verdict_event event,
                    const struct clock_reading *now);
/* Runs until the tree has been killed or the guard is dismissed. Returns 0, or 1 if the system does
 * not let it wait (`failure`). */
int sentinel_run(struct sentinel *sentinel);
/* For `settled`: removes what killed guards left behind. */
void sentinel_tidy(void *context);
/* Kills at once: wrapper and sentinel are both lost. */
void sentinel_replace(struct sentinel *sentinel);

/* Watches in place of `first`, which does not look, until the tree has been killed, the guard is
 * dismissed, or `first` is working again (`relieved`). */
int sentinel_deputise(struct sentinel *sentinel);

/* For another guard, if the sentinel does not look: what it would do now. TRIGGER_NONE =
 * nothing. */
enum trigger sentinel_judge(struct sentinel *sentinel, const struct clock_reading *now);
/* When the sentinel would look next; INT64_MAX = never. */
int64_t sentinel_next_look(struct sentinel *sentinel);

#endif
