#include "base/text.h"
#include "report/report.h"

/* An object or an array. `between` separates members; before the first it is empty. */
struct json {
    struct sink *sink;
    const char *between;
    bool begun;
};

static struct json json_open(struct sink *sink, const char *bracket, const char *between)
{
    sink_text(sink, bracket);
    return (struct json){.sink = sink, .between = between};
}

static void put_separator(struct json *json)
{
    sink_text(json->sink, json->begun ? "," : "");
    sink_text(json->sink, json->begun || json->between[0] == '\n' ? json->between : "");
    json->begun = true;
}

static void put_key(struct json *json, const char *key)
{
    put_separator(json);
    sink_json_string(json->sink, key);
    sink_text(json->sink, ": ");
}

static void put_text(struct json *json, const char *key, const char *text)
{
    put_key(json, key);
    sink_json_string(json->sink, text);
}

static void put_flag(struct json *json, const char *key, bool flag)
{
    put_key(json, key);
    sink_text(json->sink, flag ? "true" : "false");
}

static void put_number(struct json *json, const char *key, int64_t number)
{
    put_key(json, key);
    sink_number(json->sink, number);
}

/* Milliseconds, with decimals only if the clock delivered them. */
static void put_ms(struct json *json, const char *key, int64_t us)
{
    unsigned rest = (unsigned)(us % 1000);
    char decimals[] = ".000";
    text_field(decimals + 1, rest, 3);
    put_number(json, key, us / 1000);
    if (rest > 0)
        sink_text(json->sink, decimals);
}

static void put_time(struct json *json, const char *key, const char *key_ms, int64_t wall_ms)
{
    put_key(json, key);
    sink_text(json->sink, wall_ms > 0 ? "\"" : "null");
    if (wall_ms > 0) {
        sink_utc(json->sink, wall_ms);
        sink_text(json->sink, "\"");
    }
    put_key(json, key_ms);
    if (wall_ms > 0)
        sink_number(json->sink, wall_ms);
    else
        sink_text(json->sink, "null");
}

/* ---- the parts ------------------------------------------------------------------------------ */

static void put_identity(struct json *json, const struct process_identity *id)
{
    put_number(json, "pid", id->pid);
    put_key(json, "start");
    sink_unsigned(json->sink, id->start);
}

static void put_line(struct sink *sink, const struct report_line *line)
{
    char room[REPORT_REASON_BYTES];
    struct json json = json_open(sink, "{", " ");
    put_identity(&json, &line->row.id);
    put_key(&json, "name");
    sink_text(sink, "\"");
    sink_escaped(sink, SINK_JSON, line->row.name, sizeof line->row.name);
    sink_text(sink, "\"");
    put_number(&json, "uid", line->row.uid);
    put_text(&json, "route", route_info(line->route)->name);
    put_key(&json, "signal");
    sink_text(sink, line->signal != 0 || line->signal_name ? "\"" : "");
    report_write_signal(line, "null", sink);
    sink_text(sink, line->signal != 0 || line->signal_name ? "\"" : "");
    put_text(&json, "outcome", report_outcome_name(line->outcome));
    put_text(&json, "reason", report_reason(line, room));
    put_ms(&json, "at_ms", report_line_us(line));
    sink_text(sink, "}");
}

static void put_group(struct json *json, const struct report *report, const char *key,
                      enum report_outcome group)
{
    put_key(json, key);
    struct json array = json_open(json->sink, "[", "\n    ");
    for (const struct report_line *line = NULL; (line = report_next(report, line, group));) {
        put_separator(&array);
        put_line(json->sink, line);
    }
    sink_text(json->sink, array.begun ? "\n  ]" : "]");
}

static void put_route(struct sink *sink, const struct report *report, enum route route)
{
    const struct route_info *info = route_info(route);
    const struct route_status *status = &report->guarantee.routes[route];
    struct json json = json_open(sink, "{", " ");
    put_text(&json, "route", info->name);
    put_flag(&json, "armed", status->armed);
    put_text(&json, "does", info->does);
    put_text(&json, "blind_to", info->blind_to);
    put_text(&json, "why_not", status->armed ? NULL : status->why_not);
    sink_text(sink, "}");
}

static void put_guarantee(struct json *json, const struct report *report)
{
    put_key(json, "guarantee");
    struct json array = json_open(json->sink, "[", "\n    ");
    for (int route = 0; route < ROUTE_COUNT; route++) {
        if (!guarantee_tells(&report->guarantee, (enum route)route))
            continue;
        put_separator(&array);
        put_route(json->sink, report, (enum route)route);
    }
    sink_text(json->sink, array.begun ? "\n  ]" : "]");
    const struct escape_info *escape = escape_info(report->guarantee.escape);
    if (escape)
        put_text(json, "escape", escape->name);
}

static void put_ward(struct json *json, const struct report *report)
{
    put_key(json, "ward");
    struct json ward = json_open(json->sink, "{", " ");
    put_identity(&ward, &report->ward);
    put_text(&ward, "command", report->command);
    put_flag(&ward, "exited", report->ward_exited);
    put_key(&ward, "status");
    if (report->ward_exited && report->ward_status != REPORT_STATUS_UNKNOWN)
        sink_number(json->sink, report->ward_status);
    else
        sink_text(json->sink, "null");
    sink_text(json->sink, "}");
}

static void put_counts(struct json *json, const struct report *report)
{
    put_key(json, "counts");
    struct json counts = json_open(json->sink, "{", " ");
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        put_number(&counts, report_outcome_name((enum report_outcome)outcome),
                   (int64_t)report_count(report, (enum report_outcome)outcome));
    sink_text(json->sink, "}");
    put_number(json, "lines_dropped", (int64_t)report->lines_dropped);
    put_key(json, "unseen");
    struct json unseen = json_open(json->sink, "[", " ");
    for (size_t i = 0; i < report->unseen_count; i++) {
        put_separator(&unseen);
        sink_json_string(json->sink, report->unseen[i]);
    }
    sink_text(json->sink, "]");
    put_number(json, "unwired", (int64_t)report->guarantee.unwired);
    put_text(json, "scratch_left", report->scratch_left);
}

/* ---- the whole ------------------------------------------------------------------------------ */

static void put_circumstances(struct json *json, const struct report *report)
{
    put_text(json, "trigger", trigger_name(report->trigger));
    put_text(json, "trigger_sentence", trigger_sentence(report->trigger));
    put_text(json, "trigger_detail", report->trigger_detail);
    put_ward(json, report);
    put_number(json, "exit_status", report->exit_status);
    put_time(json, "started_at", "started_epoch_ms", report->started_wall_ms);
    put_time(json, "triggered_at", "triggered_epoch_ms", report->trigger_wall_ms);
    put_number(json, "guarded_ms", report->guarded_ms);
    put_ms(json, "fall_ms", report_fall_us(report));
    put_number(json, "rounds", report->rounds);
}

void report_write_json(const struct report *report, struct sink *sink)
{
    struct json json = json_open(sink, "{", "\n  ");
    put_number(&json, "treefall_report", REPORT_SCHEMA_VERSION);
    put_text(&json, "version", report->version);
    put_text(&json, "written_by", report->written_by);
    put_flag(&json, "dry_run", report_is_dry(report));
    put_circumstances(&json, report);
    put_counts(&json, report);
    put_guarantee(&json, report);
    put_group(&json, report, "survivors", OUTCOME_SURVIVED);
    put_group(&json, report, "fallen", OUTCOME_FELL);
    put_group(&json, report, "kept", OUTCOME_KEPT);
    put_group(&json, report, "found", OUTCOME_FOUND);
    sink_text(sink, "\n}\n");
}
