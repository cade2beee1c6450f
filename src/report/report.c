#include "report/report.h"

#include <string.h>

#define LONGEST_MS (INT64_MAX / 1000)

const char *report_outcome_name(enum report_outcome outcome)
{
    static const char names[OUTCOME_COUNT][sizeof "survived"] = {
        [OUTCOME_FELL] = "fell",         [OUTCOME_GONE] = "gone",   [OUTCOME_KEPT] = "kept",
        [OUTCOME_SURVIVED] = "survived", [OUTCOME_FOUND] = "found",
    };
    return names[outcome];
}

size_t report_count(const struct report *report, enum report_outcome outcome)
{
    size_t count = 0;
    for (size_t i = 0; i < report->line_count; i++)
        count += report->lines[i].outcome == outcome;
    return count;
}

const struct report_line *report_next(const struct report *report, const struct report_line *after,
                                      enum report_outcome group)
{
    size_t next = after ? (size_t)(after - report->lines) + 1 : 0;
    for (; next < report->line_count; next++) {
        enum report_outcome outcome = report->lines[next].outcome;
        if (outcome == group || (outcome == OUTCOME_GONE && group == OUTCOME_FELL))
            return &report->lines[next];
    }
    return NULL;
}

size_t report_group_count(const struct report *report, enum report_outcome group)
{
    size_t gone = group == OUTCOME_FELL ? report_count(report, OUTCOME_GONE) : 0;
    return report_count(report, group) + gone;
}

bool report_is_dry(const struct report *report)
{
    return report->dry_run || report_count(report, OUTCOME_FOUND) > 0;
}

const char *report_advice(const struct report_line *line)
{
    if (line->row.state == PROCESS_DISK)
        return "look for a hung disk or network mount; when it answers: treefall kill ";
    if (line->row.state == PROCESS_TRACED)
        return "end the debugger that holds it, then: treefall kill ";
    if (line->signal == 0)
        return "as its own user or as root or administrator: treefall kill ";
    return "see whether it is still there: treefall kill --dry-run ";
}

const char *report_reason(const struct report_line *line, char room[REPORT_REASON_BYTES])
{
    struct sink sink = {.buffer = room, .capacity = REPORT_REASON_BYTES - 1};
    if (line->outcome != OUTCOME_KEPT || line->row.kept_by == 0 ||
        line->row.kept_by == line->row.id.pid)
        return line->reason;
    sink_text(&sink, "process ");
    sink_number(&sink, line->row.kept_by);
    sink_text(&sink, ", which --keep matches, started it");
    room[sink.used] = '\0';
    return room;
}

/* ---- times ---------------------------------------------------------------------------------- */

int64_t report_line_us(const struct report_line *line)
{
    return line->at_us > 0 ? line->at_us : 0;
}

int64_t report_fall_us(const struct report *report)
{
    return report->fall_us > 0 ? report->fall_us : 0;
}

int64_t report_guarded_us(const struct report *report)
{
    if (report->guarded_ms < 0)
        return 0;
    return report->guarded_ms < LONGEST_MS ? report->guarded_ms * 1000 : INT64_MAX;
}

static void put_parts(struct sink *sink, int64_t big, const char *unit, int64_t small,
                      const char *small_unit)
{
    sink_number(sink, big);
    sink_text(sink, unit);
    if (small > 0) {
        sink_text(sink, " ");
        sink_number(sink, small);
        sink_text(sink, small_unit);
    }
}

static void put_tenths(struct sink *sink, int64_t tenths, const char *unit)
{
    sink_number(sink, tenths / 10);
    sink_text(sink, ".");
    sink_number(sink, tenths % 10);
    sink_text(sink, unit);
}

void report_write_duration(int64_t us, struct sink *sink)
{
    int64_t s = us / 1000000;
    if (us < 10000 && us % 1000 != 0)
        put_tenths(sink, us < 100 ? 1 : us / 100, " ms");
    else if (s < 1)
        put_parts(sink, us / 1000, " ms", 0, "");
    else if (s < 60)
        put_tenths(sink, us / 100000, " s");
    else if (s < 3600)
        put_parts(sink, s / 60, " min", s % 60, " s");
    else if (s < 86400)
        put_parts(sink, s / 3600, " h", s / 60 % 60, " min");
    else
        put_parts(sink, s / 86400, " d", s / 3600 % 24, " h");
}

void report_write_signal(const struct report_line *line, const char *none, struct sink *sink)
{
    if (line->signal_name)
        sink_text(sink, line->signal_name);
    else if (line->signal != 0)
        sink_number(sink, line->signal);
    else
        sink_text(sink, none);
}

/* ---- the headline ---------------------------------------------------------------------------- */

static void put_counted(struct sink *sink, size_t count, const char *what)
{
    sink_unsigned(sink, count);
    sink_text(sink, what);
}

static const char *processes(size_t count)
{
    return count == 1 ? " process" : " processes";
}

static void put_trigger(const struct report *report, enum sink_escape how, struct sink *sink)
{
    sink_text(sink, trigger_sentence(report->trigger));
    if (!report->trigger_detail)
        return;
    sink_text(sink, " (");
    sink_escaped(sink, how, report->trigger_detail, strlen(report->trigger_detail));
    sink_text(sink, ")");
}

static void put_fall_time(const struct report *report, struct sink *sink)
{
    int64_t us = report_fall_us(report);
    sink_text(sink, ", ");
    if (us == 0)
        sink_text(sink, "under 1 ms");
    else
        report_write_duration(us, sink);
}

static void put_dry_headline(struct sink *sink, size_t found)
{
    sink_text(sink, "dry run: ");
    if (found > 0)
        put_counted(sink, found, processes(found));
    else
        sink_text(sink, "nothing");
    sink_text(sink, " would be killed; no process was signalled");
}

static const char *opening(const struct report *report, size_t lines)
{
    if (report_count(report, OUTCOME_SURVIVED) > 0)
        return "the tree was not killed completely: ";
    if (report->unseen_count > 0)
        return "the tree may not have been killed completely: ";
    return lines > 0 ? "the tree was killed: " : "no process was left to kill: ";
}

static const char *what_is_left(const struct report *report, size_t kept)
{
    if (report->unseen_count > 0)
        return kept > 0 ? ", not all could be examined, " : ", not all could be examined";
    return kept > 0 ? ", none left except " : ", none left";
}

/* Without survivors, a dropped line is a killed process. */
static void put_balance(const struct report *report, struct sink *sink)
{
    size_t survivors = report_count(report, OUTCOME_SURVIVED);
    size_t fallen = report_group_count(report, OUTCOME_FELL) + report->lines_dropped;
    size_t kept = report_count(report, OUTCOME_KEPT);
    sink_text(sink, "; ");
    if (survivors > 0)
        put_counted(sink, survivors, " SURVIVED, ");
    put_counted(sink, fallen, survivors > 0 ? " killed" : processes(fallen));
    put_fall_time(report, sink);
    if (survivors == 0)
        sink_text(sink, what_is_left(report, kept));
    else if (kept > 0)
        sink_text(sink, ", ");
    if (kept > 0)
        put_counted(sink, kept, " kept");
}

void report_write_headline(const struct report *report, enum sink_escape how, struct sink *sink)
{
    size_t found = report_count(report, OUTCOME_FOUND);
    size_t lines = report->line_count + report->lines_dropped;
    if (report_is_dry(report)) {
        put_dry_headline(sink, found + report->lines_dropped);
        return;
    }
    sink_text(sink, opening(report, lines));
    put_trigger(report, how, sink);
    if (lines > 0)
        put_balance(report, sink);
}
