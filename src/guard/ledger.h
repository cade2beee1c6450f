/* The ledger: what was struck, for the report. Costs nothing when no report is wanted. */
#ifndef TREEFALL_GUARD_LEDGER_H
#define TREEFALL_GUARD_LEDGER_H

#include "core/report.h"
#include "os/os.h"

struct ledger {
    bool wanted;
    struct report_line *lines;
    size_t count;
    size_t capacity;
    size_t dropped;
    unsigned rounds;
    int64_t trigger_ms;
};

void ledger_init(struct ledger *ledger, bool wanted);
void ledger_done(struct ledger *ledger);
/* Notes a strike at `row`; a process that is in the ledger already is updated. */
void ledger_note(struct ledger *ledger, const struct process_row *row, enum route route, int signal,
                 enum report_outcome outcome, const char *reason);
/* The same for a pid of which nothing is known yet: name and start are looked up. */
void ledger_note_pid(struct ledger *ledger, int32_t pid, enum route route, int signal,
                     enum report_outcome outcome);

#endif
