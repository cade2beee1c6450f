#include "report/ledger.h"

#include "base/array.h"
#include "os/signal_name.h"

#include <string.h>

#define FIRST_CAPACITY 64
/* A hash table whose size is a power of two, at least half empty. */
#define PLACES_EACH 2
#define SPREAD      0x9e3779b97f4a7c15u

void ledger_init(struct ledger *ledger, bool wanted)
{
    *ledger = (struct ledger){.wanted = wanted};
}

static void free_lines(struct ledger *ledger)
{
    os_pages_free(ledger->lines, ledger->capacity * sizeof *ledger->lines);
    os_pages_free(ledger->places, ledger->capacity * PLACES_EACH * sizeof *ledger->places);
}

void ledger_done(struct ledger *ledger)
{
    free_lines(ledger);
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

/* The place of the process's line, or the free place where it would be. */
static uint32_t *place_of(const struct ledger *ledger, struct process_identity id)
{
    size_t last = ledger->capacity * PLACES_EACH - 1;
    size_t at = (((uint64_t)(uint32_t)id.pid ^ id.start << 22) * SPREAD) >> 32 & last;
    while (ledger->places[at] != 0 &&
           !process_is_same(ledger->lines[ledger->places[at] - 1].row.id, id))
        at = (at + 1) & last;
    return &ledger->places[at];
}

static bool grow(struct ledger *ledger)
{
    size_t capacity = array_more(ledger->capacity, FIRST_CAPACITY);
    struct ledger bigger = *ledger;
    bigger.lines = os_pages(capacity * sizeof *bigger.lines);
    bigger.places = os_pages(capacity * PLACES_EACH * sizeof *bigger.places);
    bigger.capacity = capacity;
    if (!bigger.lines || !bigger.places) {
        free_lines(&bigger);
        return false;
    }
    for (size_t i = 0; i < ledger->count; i++) {
        bigger.lines[i] = ledger->lines[i];
        *place_of(&bigger, bigger.lines[i].row.id) = (uint32_t)i + 1;
    }
    free_lines(ledger);
    *ledger = bigger;
    return true;
}

/* An earlier line of the same process, or a new one. */
static struct report_line *line_for(struct ledger *ledger, struct process_identity id)
{
    uint32_t *place = ledger->count > 0 ? place_of(ledger, id) : NULL;
    if (place && *place != 0)
        return &ledger->lines[*place - 1];
    if (ledger->count == ledger->capacity && !grow(ledger)) {
        ledger->dropped++;
        return NULL;
    }
    struct report_line *line = &ledger->lines[ledger->count++];
    *line = (struct report_line){0};
    *place_of(ledger, id) = (uint32_t)ledger->count;
    return line;
}

void ledger_note(struct ledger *ledger, const struct member *member, int signal,
                 enum report_outcome outcome, const char *reason)
{
    struct clock_reading now;
    struct report_line *line = ledger->wanted ? line_for(ledger, member->row.id) : NULL;
    if (!line ||
        (line->row.id.pid != 0 && line->outcome == OUTCOME_FELL && outcome == OUTCOME_GONE))
        return; /* it was signalled before it exited */
    os_clock(&now);
    /* The first route and time are kept. The outcome is the latest. */
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

static bool has_ended(struct process_identity id)
{
    struct process_row row = {0};
    struct error error = os_process_row(id.pid, &row);
    if (error.code)
        return error.code == ERROR_GONE;
    return !process_is_same(row.id, id) || row.state == PROCESS_DEAD;
}

void ledger_settle(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++) {
        struct report_line *line = &ledger->lines[i];
        if (line->outcome == OUTCOME_SURVIVED && has_ended(line->row.id)) {
            line->outcome = line->signal != 0 ? OUTCOME_FELL : OUTCOME_GONE;
            line->reason = NULL;
        }
    }
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
