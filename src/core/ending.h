/* How a tree ends: asked, given its time, forced - as data. Whoever ends a tree (the wrapper, a
 * sentinel, `treefall kill`) does the steps that this names, and tells it what happened.
 *
 *   a stop, --timeout, the caller's death:  ask the command; when it is gone, the rest is left
 *       alone for a moment, then asked from the top: those whose parents are gone, in their turn;
 *       after half of the time all are; all are forced at the end of one grace
 *   the command ended by itself:            the same for the rest, within the exit grace
 *   the command hangs:                      it is killed, then as if it had ended by itself
 *   a guard is lost:                        all are forced at once */
#ifndef TREEFALL_CORE_ENDING_H
#define TREEFALL_CORE_ENDING_H

#include "core/trigger.h"

#include <stdbool.h>
#include <stdint.h>

/* How long the rest may take to end by itself before it is asked: so long, or a fifth of its time.
 * Then so long between two looks for those whose parents have ended meanwhile. */
#define ENDING_SETTLE_MS   200
#define ENDING_SETTLE_PART 5

enum ending_phase {
    ENDING_NONE,        /* nothing has triggered it */
    ENDING_ASKED,       /* the command was asked */
    ENDING_STRUCK,      /* the command hangs and was killed: its end is awaited */
    ENDING_SETTLING,    /* the command is gone: what it left ends by itself */
    ENDING_HEADS_ASKED, /* of what it left, those whose parents are gone were asked */
    ENDING_REST_ASKED,  /* all of what it left was asked */
    ENDING_FORCED,      /* all that is left is to be killed */
};

/* What is to be done now, once. */
enum ending_step { STEP_NONE, STEP_ASK, STEP_KILL, STEP_ASK_HEADS, STEP_ASK_REST, STEP_FORCE };

struct ending {
    int64_t grace_ms;      /* for all, once asked */
    int64_t exit_grace_ms; /* for the rest of a command that ended by itself; 0 = force at once */
    int signal;            /* asks the rest */
    bool at_once;          /* all of the rest is asked with its heads */
    enum ending_phase phase;
    enum trigger trigger; /* the first one: it is why the tree ends */
    int64_t next_ms;      /* the end of this phase; INT64_MAX = none */
    int64_t rest_ms;      /* from then on all are asked, not the heads alone */
    int64_t force_ms;     /* the end of all patience */
    bool expired;         /* it was forced because the time ran out */
};

/* A trigger fired, after which the command is asked. A second one changes nothing. */
enum ending_step ending_ask(struct ending *ending, enum trigger trigger, bool command_is_gone,
                            int64_t now_ms);
/* The same for a command that does not answer any more: it is killed. */
enum ending_step ending_strike(struct ending *ending, enum trigger trigger, bool command_is_gone,
                               int64_t now_ms);
/* The command ended: by itself, or because it was asked or killed. A second time changes nothing.
 */
enum ending_step ending_command_gone(struct ending *ending, int64_t now_ms);
/* Time has passed. */
enum ending_step ending_pass(struct ending *ending, int64_t now_ms);
/* Forces now, whatever the phase. */
void ending_force(struct ending *ending, enum trigger trigger);
/* The command needs longer: nothing is forced before `until_ms`. */
void ending_extend(struct ending *ending, int64_t until_ms);
/* It goes on in another guard, which does not know whom this one has asked: it asks no other. */
void ending_inherit(struct ending *ending, const struct ending *from);
/* When to look again; INT64_MAX = never. */
int64_t ending_deadline(const struct ending *ending);
/* The command is gone and the rest has its time: look whether any of it is left. */
bool ending_awaits_rest(const struct ending *ending);

#endif
