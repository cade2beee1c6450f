/* The ledger: what was struck, for the report. Costs nothing when no report is wanted. */
#ifndef TREEFALL_REPORT_LEDGER_H
#define TREEFALL_REPORT_LEDGER_H

#include "core/tree.h"
#include "os/os.h"
#include "report/report.h"

#define LEDGER_UNSEEN 8

struct ledger {
    bool wanted;
    struct report_line *lines;
    uint32_t *places; /* of the lines by identity, 1 + index; PLACES_EACH for each that has room */
    size_t count;
    size_t capacity;
    size_t dropped;
    const char *unseen[LEDGER_UNSEEN]; /* what could not be looked at */
    size_t unseen_count;
    unsigned rounds;
    int64_t trigger_us; /* monotonic; 0 = nothing fell yet */
};

void ledger_init(struct ledger *ledger, bool wanted);
/* The trigger is now: times count from here. */
void ledger_begin(struct ledger *ledger);
/* Fills in when the guard started, when the trigger came, and how long guard and fall lasted. */
void ledger_tell_times(const struct ledger *ledger, const struct clock_reading *started,
                       struct report *report);
void ledger_done(struct ledger *ledger);
/* Notes what became of a member; one that is in the ledger already is updated. No signal is 0. */
void ledger_note(struct ledger *ledger, const struct member *member, int signal,
                 enum report_outcome outcome, const char *reason);

/* At the end: one that could not be killed and has ended since is no survivor. */
void ledger_settle(struct ledger *ledger);

/* The members of a part of the machine could not be looked at: `what` is static, and is said once.
 */
void ledger_note_unseen(struct ledger *ledger, const char *what);
/* A member of which no line could be made. */
void ledger_drop(struct ledger *ledger);

#endif
