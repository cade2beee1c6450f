#include "guard/ledger.h"

#include "core/signal_name.h"

#include <string.h>

#define FIRST_CAPACITY 64

void ledger_init(struct ledger *ledger, bool wanted)
{
    *ledger = (struct ledger){.wanted = wanted};
}

void ledger_done(struct ledger *ledger)
{
    os_pages_free(ledger->lines, ledger->capacity * sizeof *ledger->lines);
    *ledger = (struct ledger){0};
}

static bool grow(struct ledger *ledger)
{
    size_t capacity = ledger->capacity ? ledger->capacity * 2 : FIRST_CAPACITY;
    struct report_line *bigger = os_pages(capacity * sizeof *bigger);
    if (!bigger)
        return false;
    if (ledger->count > 0)
        memcpy(bigger, ledger->lines, ledger->count * sizeof *bigger);
    os_pages_free(ledger->lines, ledger->capacity * sizeof *ledger->lines);
    ledger->lines = bigger;
    ledger->capacity = capacity;
    return true;
}

/* Only an earlier line of the same process is looked for, from the newest on. */
static struct report_line *line_for(struct ledger *ledger, struct process_identity id)
{
    for (size_t i = ledger->count; i-- > 0;)
        if (ledger->lines[i].row.id.pid == id.pid && ledger->lines[i].row.id.start == id.start)
            return &ledger->lines[i];
    if (ledger->count == ledger->capacity && !grow(ledger)) {
        ledger->dropped++;
        return NULL;
    }
    struct report_line *line = &ledger->lines[ledger->count++];
    *line = (struct report_line){0};
    return line;
}

void ledger_note(struct ledger *ledger, const struct process_row *row, enum route route, int signal,
                 enum report_outcome outcome, const char *reason)
{
    struct clock_reading now;
    struct report_line *line = ledger->wanted ? line_for(ledger, row->id) : NULL;
    if (!line)
        return;
    os_clock(&now);
    /* The first route and moment count; the outcome is the latest. */
    if (line->row.id.pid == 0) {
        line->row = *row;
        line->route = route;
        line->at_ms = now.now_ms - ledger->trigger_ms;
    }
    if (signal != 0) {
        line->signal = signal;
        line->signal_name = signal_name(signal);
    }
    line->outcome = outcome;
    line->reason = reason;
}

void ledger_note_pid(struct ledger *ledger, int32_t pid, enum route route, int signal,
                     enum report_outcome outcome)
{
    struct process_row row = {.id.pid = pid};
    if (!ledger->wanted)
        return;
    os_process_row(pid, &row);
    ledger_note(ledger, &row, route, signal, outcome, NULL);
}
