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

void ledger_begin(struct ledger *ledger)
{
    struct clock_reading now;
    os_clock(&now);
    ledger->trigger_us = now.now_us;
}

void ledger_tell_times(const struct ledger *ledger, const struct clock_reading *started,
                       struct report *report)
{
    struct clock_reading now;
    os_clock(&now);
    report->fall_us = ledger->trigger_us ? now.now_us - ledger->trigger_us : 0;
    report->trigger_wall_ms = now.wall_ms - report->fall_us / 1000;
    report->guarded_ms = now.now_ms - report->fall_us / 1000 - started->now_ms;
    report->started_wall_ms = started->wall_ms;
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
        if (process_is_same(ledger->lines[i].row.id, id))
            return &ledger->lines[i];
    if (ledger->count == ledger->capacity && !grow(ledger)) {
        ledger->dropped++;
        return NULL;
    }
    struct report_line *line = &ledger->lines[ledger->count++];
    *line = (struct report_line){0};
    return line;
}

void ledger_note(struct ledger *ledger, const struct member *member, int signal,
                 enum report_outcome outcome, const char *reason)
{
    struct clock_reading now;
    struct report_line *line = ledger->wanted ? line_for(ledger, member->row.id) : NULL;
    if (!line ||
        (line->row.id.pid != 0 && line->outcome == OUTCOME_FELL && outcome == OUTCOME_GONE))
        return; /* it was signalled before it was gone */
    os_clock(&now);
    /* The first route and moment count; the outcome is the latest. */
    if (line->row.id.pid == 0) {
        line->row = member->row;
        line->route = member->route;
        line->at_us = now.now_us - ledger->trigger_us;
    }
    if (signal != 0) {
        line->signal = signal;
        line->signal_name = signal_name(signal);
    }
    line->outcome = outcome;
    line->reason = reason;
}

void ledger_note_unseen(struct ledger *ledger, const char *what)
{
    for (size_t i = 0; i < ledger->unseen_count; i++)
        if (strcmp(ledger->unseen[i], what) == 0)
            return;
    if (ledger->unseen_count < LEDGER_UNSEEN)
        ledger->unseen[ledger->unseen_count++] = what;
}

void ledger_drop(struct ledger *ledger)
{
    ledger->dropped += ledger->wanted;
}
