#include "report/report.h"

#include <string.h>

static const char indent[] = "                      ";

/* put_cell aligns what is written to `cell` to the right. */
struct cell {
    struct sink sink;
    char bytes[32];
};

static struct sink *cell_begin(struct cell *cell)
{
    cell->sink = (struct sink){.buffer = cell->bytes, .capacity = sizeof cell->bytes};
    return &cell->sink;
}

static void put_cell(struct sink *sink, const struct cell *cell, size_t width)
{
    sink_spaces(sink, cell->sink.used, width);
    sink_bytes(sink, cell->bytes, cell->sink.used);
}

static void put_column(struct sink *sink, const char *text, size_t width)
{
    sink_text(sink, text);
    sink_spaces(sink, strlen(text), width);
}

/* ---- the facts ------------------------------------------------------------------------------ */

static void put_ward(const struct report *report, struct sink *sink)
{
    sink_text(sink, "\n  ward      ");
    sink_number(sink, report->ward.pid);
    if (report->command && report->command[0]) {
        sink_text(sink, " ");
        sink_plain_text(sink, report->command);
    }
    sink_text(sink, report->ward_exited ? ", exited" : ", not seen to exit");
    if (report->ward_exited && report->ward_status != REPORT_STATUS_UNKNOWN) {
        sink_text(sink, " with status ");
        sink_number(sink, report->ward_status);
    }
}

static void put_trigger(const struct report *report, struct sink *sink)
{
    sink_text(sink, "\n  trigger   ");
    sink_text(sink, trigger_name(report->trigger));
    if (report->trigger_wall_ms > 0) {
        sink_text(sink, " at ");
        sink_utc(sink, report->trigger_wall_ms);
    }
    if (report->guarded_ms > 0) {
        sink_text(sink, ", after ");
        report_write_duration(report_guarded_us(report), sink);
        sink_text(sink, " on guard");
    }
}

static void put_writer(const struct report *report, struct sink *sink)
{
    sink_text(sink, "\n  treefall  ");
    sink_plain_text(sink, report->version);
    sink_text(sink, ", status ");
    sink_number(sink, report->exit_status);
    if (report->written_by) {
        sink_text(sink, ", written by: ");
        sink_plain_text(sink, report->written_by);
    }
    sink_text(sink, "\n");
}

/* ---- the processes -------------------------------------------------------------------------- */

/* The name comes last, because its width on a screen is not known. */
static void put_line(const struct report_line *line, struct sink *sink)
{
    struct cell cell;
    report_write_duration(report_line_us(line), cell_begin(&cell));
    put_cell(sink, &cell, 11);
    sink_number(cell_begin(&cell), line->row.id.pid);
    put_cell(sink, &cell, 9);
    report_write_signal(line, "-", cell_begin(&cell));
    put_cell(sink, &cell, 8);
    sink_text(sink, "  ");
    put_column(sink, route_info(line->route)->name, 13);
    sink_escaped(sink, SINK_PLAIN, line->row.name, sizeof line->row.name);
    if (line->outcome == OUTCOME_GONE)
        sink_text(sink, "  (gone before its signal)");
    sink_text(sink, "\n");
}

static void put_why(const struct report_line *line, struct sink *sink)
{
    char room[REPORT_REASON_BYTES];
    const char *reason = report_reason(line, room);
    if (reason) {
        sink_text(sink, indent);
        sink_text(sink, "why: ");
        sink_plain_text(sink, reason);
        sink_text(sink, "\n");
    }
    if (line->outcome != OUTCOME_SURVIVED)
        return;
    sink_text(sink, indent);
    sink_text(sink, "do:  ");
    sink_text(sink, report_advice(line));
    sink_number(sink, line->row.id.pid);
    sink_text(sink, "\n");
}

static void put_group(const struct report *report, enum report_outcome group, const char *title,
                      struct sink *sink)
{
    size_t count = report_group_count(report, group);
    if (count == 0)
        return;
    sink_text(sink, "\n");
    sink_text(sink, title);
    sink_text(sink, ": ");
    sink_unsigned(sink, count);
    sink_text(sink, "\n         at      pid  signal  route        name\n");
    for (const struct report_line *line = NULL; (line = report_next(report, line, group));) {
        put_line(line, sink);
        put_why(line, sink);
    }
}

static void put_dropped(const struct report *report, struct sink *sink)
{
    if (report->lines_dropped == 0)
        return;
    sink_text(sink, "\n");
    sink_unsigned(sink, report->lines_dropped);
    sink_text(sink, " more are not listed: no memory or descriptor was left for them\n");
}

static void put_unseen(const struct report *report, struct sink *sink)
{
    for (size_t i = 0; i < report->unseen_count; i++) {
        sink_text(sink, i == 0 ? "\nNOT EXAMINED\n  " : "  ");
        sink_plain_text(sink, report->unseen[i]);
        sink_text(sink, "\n");
    }
}

static void put_scratch(const struct report *report, struct sink *sink)
{
    if (!report->scratch_left)
        return;
    sink_text(sink, "\nthe scratch folder was not removed completely: remove ");
    sink_plain_text(sink, report->scratch_left);
    sink_text(sink, "\n");
}

/* ---- the guarantee --------------------------------------------------------------------------- */

static void put_route(const struct route_info *info, const struct route_status *status,
                      struct sink *sink)
{
    sink_text(sink, status->armed ? "  armed  " : "  -      ");
    put_column(sink, info->name, 13);
    sink_text(sink, info->does);
    sink_text(sink, "\n");
    sink_text(sink, indent);
    sink_text(sink, status->armed ? "misses: " : "not armed: ");
    sink_plain_text(sink, status->armed ? info->blind_to : status->why_not);
    sink_text(sink, "\n");
}

static void put_unwired(const struct report *report, struct sink *sink)
{
    if (report->guarantee.unwired == 0)
        return;
    sink_text(sink, "  ");
    sink_unsigned(sink, report->guarantee.unwired);
    sink_text(sink, " groups or processes did not fit on the wire: raise the limit of open files "
                    "(ulimit -n)\n");
}

static void put_guarantee(const struct report *report, struct sink *sink)
{
    sink_text(sink, "\nguarantee, strongest first\n");
    for (int route = 0; route < ROUTE_COUNT; route++)
        if (guarantee_tells(&report->guarantee, (enum route)route))
            put_route(route_info((enum route)route), &report->guarantee.routes[route], sink);
    put_unwired(report, sink);
    const struct escape_info *escape = escape_info(report->guarantee.escape);
    if (!escape)
        return;
    sink_text(sink, "  escape ");
    put_column(sink, escape->name, 13);
    sink_text(sink, escape->does);
    sink_text(sink, "\n");
}

void report_write_text(const struct report *report, struct sink *sink)
{
    report_write_headline(report, SINK_PLAIN, sink);
    sink_text(sink, "\n");
    put_group(report, OUTCOME_SURVIVED, "SURVIVORS", sink);
    put_unseen(report, sink);
    put_ward(report, sink);
    put_trigger(report, sink);
    put_writer(report, sink);
    put_group(report, OUTCOME_FELL, "killed", sink);
    put_dropped(report, sink);
    put_scratch(report, sink);
    put_group(report, OUTCOME_KEPT, "kept", sink);
    put_group(report, OUTCOME_FOUND, "would be killed", sink);
    put_guarantee(report, sink);
}
