#include "report/chart.h"
#include "report/report.h"

/* A plain design: one column and one accent colour. Red marks what is still alive. */
static const char head[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" "
    "content=\"default-src 'none';style-src 'unsafe-inline'\">\n"
    "<style>\n"
    ":root{--bg:#fbfaf7;--ink:#21262b;--soft:#636b72;--line:#e3e1da;--bar:#cfe1da;--tip:#2b7a67;"
    "--bad:#b3261e;--badbar:#f3d5d0}\n"
    "@media screen and (prefers-color-scheme:dark){:root{--bg:#15181b;--ink:#dde2e5;--soft:#929ba2;"
    "--line:#2b3136;--bar:#1f443b;--tip:#5fbda5;--bad:#ff8d82;--badbar:#4c2623}}\n"
    "body{margin:0 auto;max-width:60rem;padding:3rem 1.5rem;background:var(--bg);color:var(--ink);"
    "font:15px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums}\n"
    "h1{margin:0 0 1.5rem;font-size:1.6rem;line-height:1.3;font-weight:600;text-wrap:balance}\n"
    "h1::first-letter{text-transform:uppercase}\n"
    "h2{margin:2.5rem 0 .6rem;font-size:1rem;font-weight:600}\n"
    "h2 span,.soft,th,dt,footer{color:var(--soft);font-weight:400}\n"
    "h1.bad,.survivors h2,.survivors code{color:var(--bad)}\n"
    ".survivors{margin:2rem 0;padding:.1rem 1.2rem 1rem;border-left:3px solid var(--bad)}\n"
    ".survivors h2{margin-top:.6rem}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.5rem;margin:0}\n"
    "dd{margin:0;overflow-wrap:anywhere}\n"
    "code{font:.93em ui-monospace,monospace;overflow-wrap:anywhere}\n"
    "table{width:100%;border-collapse:collapse}\n"
    "th,td{padding:.3rem 1rem .3rem 0;text-align:left;vertical-align:baseline;"
    "border-bottom:1px solid var(--line)}\n"
    "th{font-size:.85rem}\n"
    "th:last-child,td:last-child{padding-right:0}\n"
    "td:not(:last-child){white-space:nowrap}\n"
    ".n{text-align:right}\n"
    "tr{break-inside:avoid}\n"
    ".on{color:var(--tip)}\n"
    ".off td{color:var(--soft)}\n"
    "footer{margin-top:3rem;font-size:.85rem}\n"
    "svg{display:block;overflow:visible;font-size:12px}\n"
    "svg text{fill:var(--ink)}\n"
    "svg .ax{fill:var(--soft)}\n"
    "svg line{stroke:var(--line)}\n"
    ".b{fill:var(--bar)}.t{fill:var(--tip)}\n"
    ".s .b{fill:var(--badbar)}.s .t{fill:var(--bad)}\n"
    ".o{fill:var(--bar);stroke:var(--tip);stroke-width:1.5;vector-effect:non-scaling-stroke}\n"
    ".o.s{fill:var(--badbar);stroke:var(--bad)}\n"
    "@media print{:root{--bg:#fff}body{padding:0;max-width:none;font-size:10pt}"
    "svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}"
    "th,td{padding-block:.15rem}h2{break-after:avoid}}\n"
    "</style>\n<title>treefall: ";

/* ---- the facts ------------------------------------------------------------------------------ */

static void put_fact(struct sink *sink, const char *key)
{
    sink_text(sink, "<dt>");
    sink_text(sink, key);
    sink_text(sink, "<dd>");
}

static void put_ward(const struct report *report, struct sink *sink)
{
    put_fact(sink, "Ward");
    if (report->command && report->command[0]) {
        sink_text(sink, "<code>");
        sink_html_text(sink, report->command);
        sink_text(sink, "</code> ");
    }
    sink_text(sink, "<span class=\"soft\">pid ");
    sink_number(sink, report->ward.pid);
    sink_text(sink, report->ward_exited ? ", exited" : ", not seen to exit");
    if (report->ward_exited && report->ward_status != REPORT_STATUS_UNKNOWN) {
        sink_text(sink, " with status ");
        sink_number(sink, report->ward_status);
    }
    sink_text(sink, "</span>\n");
}

static void put_time(const char *key, int64_t wall_ms, struct sink *sink)
{
    if (wall_ms <= 0)
        return;
    put_fact(sink, key);
    sink_utc(sink, wall_ms);
    sink_text(sink, "\n");
}

static void put_facts(const struct report *report, struct sink *sink)
{
    sink_text(sink, "<dl>\n");
    put_ward(report, sink);
    put_fact(sink, "Trigger");
    sink_text(sink, trigger_name(report->trigger));
    sink_text(sink, "\n");
    put_time("Started", report->started_wall_ms, sink);
    put_time("Triggered", report->trigger_wall_ms, sink);
    if (report->guarded_ms > 0) {
        put_fact(sink, "Guarded for");
        report_write_duration(report_guarded_us(report), sink);
        sink_text(sink, "\n");
    }
    put_fact(sink, "Status");
    sink_number(sink, report->exit_status);
    sink_text(sink, " <span class=\"soft\">of treefall</span>\n</dl>\n");
}

/* ---- the processes -------------------------------------------------------------------------- */

static void put_name(const struct report_line *line, struct sink *sink)
{
    sink_escaped(sink, SINK_HTML, line->row.name, sizeof line->row.name);
}

static void put_note(const struct report_line *line, struct sink *sink)
{
    bool gone = line->outcome == OUTCOME_GONE;
    char room[REPORT_REASON_BYTES];
    const char *note = gone ? "gone before its signal" : report_reason(line, room);
    if (note) {
        sink_text(sink, gone ? " <span class=\"soft\">" : "<br><span class=\"soft\">");
        sink_html_text(sink, note);
        sink_text(sink, "</span>");
    }
    if (line->outcome == OUTCOME_SURVIVED) {
        sink_text(sink, "<br>What to do: ");
        sink_text(sink, report_advice(line));
        sink_number(sink, line->row.id.pid);
    }
}

static void put_line(const struct report_line *line, struct sink *sink)
{
    sink_text(sink, "<tr><td class=\"n\">");
    report_write_duration(report_line_us(line), sink);
    sink_text(sink, "<td class=\"n\">");
    sink_number(sink, line->row.id.pid);
    sink_text(sink, "<td>");
    report_write_signal(line, "&ndash;", sink);
    sink_text(sink, "<td>");
    sink_text(sink, route_info(line->route)->name);
    sink_text(sink, "<td><code>");
    put_name(line, sink);
    sink_text(sink, "</code>");
    put_note(line, sink);
    sink_text(sink, "\n");
}

static void put_title(const char *title, size_t count, struct sink *sink)
{
    sink_text(sink, "<h2>");
    sink_text(sink, title);
    sink_text(sink, " <span>");
    sink_unsigned(sink, count);
    sink_text(sink, "</span></h2>\n");
}

static void put_group(const struct report *report, enum report_outcome group, const char *title,
                      struct sink *sink)
{
    size_t count = report_group_count(report, group);
    if (count == 0)
        return;
    put_title(title, count, sink);
    sink_text(sink, "<table>\n<thead><tr><th class=\"n\">at<th class=\"n\">pid<th>signal<th>route"
                    "<th style=\"width:60%\">name\n<tbody>\n");
    for (const struct report_line *line = NULL; (line = report_next(report, line, group));)
        put_line(line, sink);
    sink_text(sink, "</table>\n");
}

static void put_survivors(const struct report *report, struct sink *sink)
{
    if (report_count(report, OUTCOME_SURVIVED) == 0)
        return;
    sink_text(sink, "<section class=\"survivors\">\n");
    put_group(report, OUTCOME_SURVIVED, "Survivors", sink);
    sink_text(sink, "</section>\n");
}

static void put_unseen(const struct report *report, struct sink *sink)
{
    if (report->unseen_count == 0)
        return;
    sink_text(sink, "<section class=\"survivors\">\n<h2>Not examined</h2>\n");
    for (size_t i = 0; i < report->unseen_count; i++) {
        sink_text(sink, "<p>");
        sink_html_text(sink, report->unseen[i]);
        sink_text(sink, "</p>\n");
    }
    sink_text(sink, "</section>\n");
}

static void put_dropped(const struct report *report, struct sink *sink)
{
    if (report->lines_dropped == 0)
        return;
    sink_text(sink, "<p class=\"soft\">");
    sink_unsigned(sink, report->lines_dropped);
    sink_text(sink, " more are not listed: no memory or descriptor was left for them.</p>\n");
}

static void put_scratch(const struct report *report, struct sink *sink)
{
    if (!report->scratch_left)
        return;
    sink_text(sink, "<p>The scratch folder was not removed completely: remove ");
    sink_html_text(sink, report->scratch_left);
    sink_text(sink, "</p>\n");
}

/* ---- the guarantee --------------------------------------------------------------------------- */

static void put_route(const struct route_info *info, const struct route_status *status,
                      struct sink *sink)
{
    sink_text(sink, status->armed ? "<tr><td class=\"on\">armed<td>"
                                  : "<tr class=\"off\"><td>&ndash;<td>");
    sink_text(sink, info->name);
    sink_text(sink, "<td>");
    sink_html_text(sink, info->does);
    sink_text(sink, "<br><span class=\"soft\">");
    sink_text(sink, status->armed ? "Misses: " : "Not armed: ");
    sink_html_text(sink, status->armed ? info->blind_to : status->why_not);
    sink_text(sink, "</span>\n");
}

static void put_unwired(const struct report *report, struct sink *sink)
{
    if (report->guarantee.unwired == 0)
        return;
    sink_text(sink, "<p>");
    sink_unsigned(sink, report->guarantee.unwired);
    sink_text(sink, " groups or processes did not fit on the wire: raise the limit of open files "
                    "(ulimit -n).</p>\n");
}

static void put_guarantee(const struct report *report, struct sink *sink)
{
    sink_text(sink, "<h2>Guarantee <span>strongest first</span></h2>\n<table>\n<tbody>\n");
    for (int route = 0; route < ROUTE_COUNT; route++)
        if (guarantee_tells(&report->guarantee, (enum route)route))
            put_route(route_info((enum route)route), &report->guarantee.routes[route], sink);
    const struct escape_info *escape = escape_info(report->guarantee.escape);
    if (escape) {
        sink_text(sink, "<tr><td class=\"on\">escape<td>");
        sink_text(sink, escape->name);
        sink_text(sink, "<td>");
        sink_html_text(sink, escape->does);
        sink_text(sink, "\n");
    }
    sink_text(sink, "</table>\n");
    put_unwired(report, sink);
}

static void put_footer(const struct report *report, struct sink *sink)
{
    sink_text(sink, "<footer>treefall ");
    sink_html_text(sink, report->version);
    if (report->written_by) {
        sink_text(sink, ", written by: ");
        sink_html_text(sink, report->written_by);
    }
    sink_text(sink, "</footer>\n</body>\n</html>\n");
}

void report_write_html(const struct report *report, struct sink *sink)
{
    bool survived = report_count(report, OUTCOME_SURVIVED) > 0 || report->unseen_count > 0;
    sink_text(sink, head);
    report_write_headline(report, SINK_HTML, sink);
    sink_text(sink, "</title>\n</head>\n<body>\n");
    sink_text(sink, survived ? "<h1 class=\"bad\">" : "<h1>");
    report_write_headline(report, SINK_HTML, sink);
    sink_text(sink, "</h1>\n");
    put_survivors(report, sink);
    put_unseen(report, sink);
    put_facts(report, sink);
    report_write_chart(report, sink);
    put_group(report, OUTCOME_FELL, "Killed", sink);
    put_dropped(report, sink);
    put_scratch(report, sink);
    put_group(report, OUTCOME_KEPT, "Kept", sink);
    put_group(report, OUTCOME_FOUND, "Would be killed", sink);
    put_guarantee(report, sink);
    put_footer(report, sink);
}
