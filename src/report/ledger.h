/* The ledger: the struck processes, for the report. Costs nothing if no report is wanted. */
#ifndef TREEFALL_REPORT_LEDGER_H
#define TREEFALL_REPORT_LEDGER_H

#include "core/tree.h"
#include "os/os.h"
#include "report/report.h"

#define LEDGER_UNSEEN 8

struct ledger {
    bool wanted;
    struct report_line *lines;
    uint32_t *places; /* hash table of the lines by identity, 1 + index; PLACES_EACH per line */
    size_t count;
    size_t capacity;
    size_t dropped;
    const char *unseen[LEDGER_UNSEEN]; /* what could not be looked at */
    size_t unseen_count;
    unsigned rounds;
    int64_t trigger_us; /* monotonic; 0 = no kill has begun */
};

void ledger_init(struct ledger *ledger, bool wanted);
/* The trigger fired just now: times count from here. */
void ledger_begin(struct ledger *ledger);
/* Fills in when the guard started, when the trigger fired, and how long guarding and kill took. */
void ledger_tell_times(const struct ledger *ledger, const struct clock_reading *started,
                       struct report *report);
void ledger_done(struct ledger *ledger);
/* Notes what became of a member, or updates its line. Signal 0 = none. */
void ledger_note(struct ledger *ledger, const struct member *member, int signal,
                 enum report_outcome outcome, const char *reason);

/* Call at the end: a member that could not be killed but has exited since is no survivor. */
void ledger_settle(struct ledger *ledger);

/* Notes that members in a part of the machine could not be looked at. `what` is static, and is
 * reported once. */
void ledger_note_unseen(struct ledger *ledger, const char *what);
/* Counts a member for which no line could be made. */
void ledger_drop(struct ledger *ledger);

#endif
