/* How a tree is ended (asked, given time, forced), as data. The guard that ends a tree (the
 * wrapper, a sentinel, `treefall kill`) does the steps that are named here, and reports what
 * happened.
 *
 *   a stop, --timeout, the caller's death:  ask the command. When it is gone, leave the rest alone
 *       for a moment, then ask from the top: first the processes whose parents are gone. After half
 *       of the time ask all. At the end of one grace force all.
 *   the command exited by itself:           the same for the rest, within the exit grace
 *   the command hangs:                      kill it, then go on as if it had exited by itself
 *   a guard is lost:                        force all at once */
#ifndef TREEFALL_CORE_ENDING_H
#define TREEFALL_CORE_ENDING_H

#include "core/trigger.h"

#include <stdbool.h>
#include <stdint.h>

/* How long the rest may take to exit by itself before it is asked: this time, or this part of its
 * time if that is shorter. ENDING_SETTLE_MS also passes between two looks for processes whose
 * parents have exited meanwhile. */
#define ENDING_SETTLE_MS   200
#define ENDING_SETTLE_PART 5

enum ending_phase {
    ENDING_NONE,        /* nothing has triggered the ending */
    ENDING_ASKED,       /* the command was asked */
    ENDING_STRUCK,      /* the command hangs and was killed: wait until it is gone */
    ENDING_SETTLING,    /* the command is gone: the rest may exit by itself */
    ENDING_HEADS_ASKED, /* of the rest, the processes without a parent were asked */
    ENDING_REST_ASKED,  /* all of the rest was asked */
    ENDING_FORCED,      /* all that is left must be killed */
};

/* What the caller must do now, once. */
enum ending_step { STEP_NONE, STEP_ASK, STEP_KILL, STEP_ASK_HEADS, STEP_ASK_REST, STEP_FORCE };

struct ending {
    int64_t grace_ms;      /* for all, once asked */
    int64_t exit_grace_ms; /* for the rest of a command that ended by itself; 0 = force at once */
    int signal;            /* sent to the rest */
    bool at_once;          /* ask all of the rest, not first the heads */
    enum ending_phase phase;
    enum trigger trigger; /* the first trigger: it is why the tree ends */
    int64_t next_ms;      /* the end of this phase; INT64_MAX = none */
    int64_t rest_ms;      /* from then on ask all, not only the heads */
    int64_t force_ms;     /* when all that is left is forced */
    bool expired;         /* the ending was forced because the time ran out */
};

/* A trigger fired: ask the command. A second trigger changes nothing. */
enum ending_step ending_ask(struct ending *ending, enum trigger trigger, bool command_is_gone,
                            int64_t now_ms);
/* The same for a command that does not answer any more: kill it. */
enum ending_step ending_strike(struct ending *ending, enum trigger trigger, bool command_is_gone,
                               int64_t now_ms);
/* The command exited by itself, or because it was asked or killed. A second call changes
 * nothing. */
enum ending_step ending_command_gone(struct ending *ending, int64_t now_ms);
/* Time has passed. */
enum ending_step ending_pass(struct ending *ending, int64_t now_ms);
/* Forces now, whatever the phase. */
void ending_force(struct ending *ending, enum trigger trigger);
/* The command needs longer: force nothing before `until_ms`. */
void ending_extend(struct ending *ending, int64_t until_ms);
/* Another guard goes on with the ending. It does not know which processes were asked, so it asks no
 * more of them. */
void ending_inherit(struct ending *ending, const struct ending *from);
/* When to look again; INT64_MAX = never. */
int64_t ending_deadline(const struct ending *ending);
/* The command is gone and the rest has time left: look whether any of the rest is left. */
bool ending_awaits_rest(const struct ending *ending);

#endif
