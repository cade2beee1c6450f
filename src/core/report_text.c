#include "core/report.h"

static void put_headline(struct sink *sink, const struct report *report)
{
    size_t survivors = report_count(report, OUTCOME_SURVIVED);
    sink_text(sink, "the tree fell: ");
    sink_text(sink, trigger_sentence(report->trigger));
    if (report->trigger_detail) {
        sink_text(sink, " (");
        sink_text(sink, report->trigger_detail);
        sink_text(sink, ")");
    }
    sink_text(sink, "; ");
    sink_unsigned(sink, report_count(report, OUTCOME_FELL));
    sink_text(sink, " felled in ");
    sink_number(sink, report->fall_ms);
    sink_text(sink, " ms, ");
    if (survivors)
        sink_unsigned(sink, survivors);
    sink_text(sink, survivors ? " SURVIVED\n" : "none left\n");
}

static void put_line(struct sink *sink, const struct report_line *line)
{
    sink_text(sink, "  ");
    sink_text(sink, report_outcome_name(line->outcome));
    sink_text(sink, "  ");
    sink_number(sink, line->row.id.pid);
    sink_text(sink, "  ");
    sink_plain_text(sink, line->row.name);
    sink_text(sink, "  by ");
    sink_text(sink, route_info(line->route)->name);
    sink_text(sink, "  at ");
    sink_number(sink, line->at_ms);
    sink_text(sink, " ms");
    if (line->reason) {
        sink_text(sink, "  ");
        sink_text(sink, line->reason);
    }
    sink_text(sink, "\n");
}

void report_write_text(const struct report *report, struct sink *sink)
{
    put_headline(sink, report);
    for (size_t i = 0; i < report->line_count; i++)
        if (report->lines[i].outcome == OUTCOME_SURVIVED)
            put_line(sink, &report->lines[i]);
    for (size_t i = 0; i < report->line_count; i++)
        if (report->lines[i].outcome != OUTCOME_SURVIVED)
            put_line(sink, &report->lines[i]);
    sink_text(sink, "guarantee:\n");
    for (int route = 0; route < ROUTE_COUNT; route++) {
        const struct route_status *status = &report->guarantee.routes[route];
        sink_text(sink, status->armed ? "  armed  " : "  -      ");
        sink_text(sink, route_info((enum route)route)->name);
        sink_text(sink, status->armed ? ": blind to " : ": ");
        sink_text(sink, status->armed ? route_info((enum route)route)->blind_to : status->why_not);
        sink_text(sink, "\n");
    }
}
