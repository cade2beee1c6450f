#include "core/report.h"

void report_write_html(const struct report *report, struct sink *sink)
{
    sink_text(sink, "<!doctype html><meta charset=utf-8><title>treefall</title><h1>");
    sink_html_text(sink, trigger_sentence(report->trigger));
    sink_text(sink, "</h1><table>");
    for (size_t i = 0; i < report->line_count; i++) {
        sink_text(sink, "<tr><td>");
        sink_number(sink, report->lines[i].row.id.pid);
        sink_text(sink, "<td>");
        sink_html_text(sink, report->lines[i].row.name);
        sink_text(sink, "<td>");
        sink_text(sink, route_info(report->lines[i].route)->name);
    }
    sink_text(sink, "</table>\n");
}
