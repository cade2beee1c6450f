#include "core/report.h"

static void name(struct sink *sink, const char *key)
{
    sink_json_string(sink, key);
    sink_text(sink, ": ");
}

static void put_text(struct sink *sink, const char *key, const char *text)
{
    name(sink, key);
    sink_json_string(sink, text);
    sink_text(sink, ",\n  ");
}

static void put_number(struct sink *sink, const char *key, int64_t number)
{
    name(sink, key);
    sink_number(sink, number);
    sink_text(sink, ",\n  ");
}

static void put_time(struct sink *sink, const char *key, int64_t wall_ms)
{
    name(sink, key);
    sink_text(sink, "\"");
    sink_utc(sink, wall_ms);
    sink_text(sink, "\",\n  ");
}

static void put_line(struct sink *sink, const struct report_line *line)
{
    sink_text(sink, "{\"pid\": ");
    sink_number(sink, line->row.id.pid);
    sink_text(sink, ", \"start\": ");
    sink_unsigned(sink, line->row.id.start);
    sink_text(sink, ", \"name\": ");
    sink_json_string(sink, line->row.name);
    sink_text(sink, ", \"uid\": ");
    sink_unsigned(sink, line->row.uid);
    sink_text(sink, ", \"route\": ");
    sink_json_string(sink, route_info(line->route)->name);
    sink_text(sink, ", \"signal\": ");
    sink_json_string(sink, line->signal_name);
    sink_text(sink, ", \"outcome\": ");
    sink_json_string(sink, report_outcome_name(line->outcome));
    sink_text(sink, ", \"reason\": ");
    sink_json_string(sink, line->reason);
    sink_text(sink, ", \"at_ms\": ");
    sink_number(sink, line->at_ms);
    sink_text(sink, "}");
}

static void put_lines(struct sink *sink, const struct report *report, const char *key,
                      unsigned outcomes)
{
    const char *between = "\n    ";
    name(sink, key);
    sink_text(sink, "[");
    for (size_t i = 0; i < report->line_count; i++) {
        if (!(outcomes & 1u << report->lines[i].outcome))
            continue;
        sink_text(sink, between);
        put_line(sink, &report->lines[i]);
        between = ",\n    ";
    }
    sink_text(sink, "],\n  ");
}

static void put_guarantee(struct sink *sink, const struct guarantee *guarantee)
{
    name(sink, "guarantee");
    sink_text(sink, "[");
    for (int route = 0; route < ROUTE_COUNT; route++) {
        const struct route_info *info = route_info((enum route)route);
        sink_text(sink, route ? ",\n    {\"route\": " : "\n    {\"route\": ");
        sink_json_string(sink, info->name);
        sink_text(sink, guarantee->routes[route].armed ? ", \"armed\": true" : ", \"armed\": false");
        sink_text(sink, ", \"does\": ");
        sink_json_string(sink, info->does);
        sink_text(sink, ", \"blind_to\": ");
        sink_json_string(sink, info->blind_to);
        sink_text(sink, ", \"why_not\": ");
        sink_json_string(sink, guarantee->routes[route].why_not);
        sink_text(sink, "}");
    }
    sink_text(sink, "],\n  ");
}

static void put_ward(struct sink *sink, const struct report *report)
{
    name(sink, "ward");
    sink_text(sink, "{\"pid\": ");
    sink_number(sink, report->ward.pid);
    sink_text(sink, ", \"command\": ");
    sink_json_string(sink, report->command);
    sink_text(sink, report->ward_exited ? ", \"exited\": true" : ", \"exited\": false");
    sink_text(sink, ", \"status\": ");
    sink_number(sink, report->ward_status);
    sink_text(sink, "},\n  ");
}

void report_write_json(const struct report *report, struct sink *sink)
{
    sink_text(sink, "{\n  ");
    put_number(sink, "treefall_report", REPORT_SCHEMA_VERSION);
    put_text(sink, "version", report->version);
    put_text(sink, "trigger", trigger_name(report->trigger));
    put_text(sink, "trigger_sentence", trigger_sentence(report->trigger));
    put_text(sink, "trigger_detail", report->trigger_detail);
    put_ward(sink, report);
    put_number(sink, "exit_status", report->exit_status);
    put_text(sink, "written_by", report->written_by);
    put_time(sink, "started_at", report->started_wall_ms);
    put_time(sink, "triggered_at", report->trigger_wall_ms);
    put_number(sink, "guarded_ms", report->guarded_ms);
    put_number(sink, "fall_ms", report->fall_ms);
    put_number(sink, "rounds", report->rounds);
    put_guarantee(sink, &report->guarantee);
    put_lines(sink, report, "fallen", 1u << OUTCOME_FELL | 1u << OUTCOME_GONE);
    put_lines(sink, report, "kept", 1u << OUTCOME_KEPT);
    put_lines(sink, report, "survivors", 1u << OUTCOME_SURVIVED);
    put_lines(sink, report, "found", 1u << OUTCOME_FOUND);
    name(sink, "lines_dropped");
    sink_unsigned(sink, report->lines_dropped);
    sink_text(sink, "\n}\n");
}
