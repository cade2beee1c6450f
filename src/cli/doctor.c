/* `treefall doctor`: what this machine allows, for people and for programs. */
#include "base/status.h"
#include "cli/command.h"
#include "cli/examination.h"
#include "cli/output.h"
#include "version.h"

#include <string.h>

#define NAME_COLUMN  2
#define STATE_COLUMN 14
#define TEXT_COLUMN  21

/* ---- for people ----------------------------------------------------------------------------- */

static void print_heading(struct output *output, const char *heading)
{
    output_text(output, COLOUR_BOLD, heading);
    sink_text(&output->sink, "\n");
}

static void put_indented(struct output *output, size_t used, const char *before, const char *text)
{
    sink_spaces(&output->sink, used, TEXT_COLUMN);
    sink_text(&output->sink, before);
    sink_plain_text(&output->sink, text);
    sink_text(&output->sink, "\n");
}

static void print_row(struct output *output, const char *name, bool good, const char *text)
{
    sink_spaces(&output->sink, 0, NAME_COLUMN);
    output_column(output, COLOUR_BOLD, name, STATE_COLUMN - NAME_COLUMN);
    output_column(output, good ? COLOUR_GREEN : COLOUR_FAINT, good ? "armed" : "off",
                  TEXT_COLUMN - STATE_COLUMN);
    put_indented(output, TEXT_COLUMN, "", text);
}

static void print_room(const struct examination *examination, struct output *output)
{
    sink_spaces(&output->sink, 0, TEXT_COLUMN);
    sink_text(&output->sink, "has room for ");
    sink_unsigned(&output->sink, examination->scope.guarantee.wire_room);
    sink_text(&output->sink, " groups and single processes\n");
}

static void print_routes(const struct examination *examination, struct output *output)
{
    for (int i = 0; i < ROUTE_COUNT; i++) {
        const struct route_info *info = route_info((enum route)i);
        const struct route_status *status = &examination->scope.guarantee.routes[i];
        if (!guarantee_tells(&examination->scope.guarantee, (enum route)i))
            continue;
        print_row(output, info->name, status->armed, info->does);
        if (status->armed)
            put_indented(output, 0, "misses: ", info->blind_to);
        else
            put_indented(output, 0, "", status->why_not);
        if (i == ROUTE_WIRE && status->armed)
            print_room(examination, output);
    }
    const struct escape_info *escape = escape_info(examination->scope.guarantee.escape);
    if (!escape)
        return;
    print_heading(output, "How a guard leaves the job around treefall:");
    sink_spaces(&output->sink, 0, NAME_COLUMN);
    output_column(output, COLOUR_BOLD, escape->name, STATE_COLUMN - NAME_COLUMN);
    sink_text(&output->sink, escape->does);
    sink_text(&output->sink, "\n");
}

static void print_findings(const struct examination *examination, struct output *output)
{
    for (int i = 0; i < FINDING_COUNT; i++) {
        const struct finding *finding = &examination->findings[i];
        if (!finding->error.code)
            continue;
        output_text(output, COLOUR_RED, "Trouble: ");
        sink_text(&output->sink, finding->name);
        sink_text(&output->sink, ": ");
        sink_text(&output->sink, finding->breaks);
        if (finding->error.advice) {
            sink_text(&output->sink, "; ");
            sink_text(&output->sink, finding->error.advice);
        }
        sink_text(&output->sink, ".\n");
    }
}

static void print_promise(struct output *output, bool kept, const char *promise)
{
    sink_spaces(&output->sink, 0, NAME_COLUMN);
    output_column(output, kept ? COLOUR_GREEN : COLOUR_RED, kept ? "yes" : "no", 5);
    sink_text(&output->sink, promise);
    sink_text(&output->sink, "\n");
}

static void print_promises(const struct examination *examination, struct output *output)
{
    const struct route_status *routes = examination->scope.guarantee.routes;
    bool bounded = examination->can_guard && routes[os_container_route()].armed;
    bool branded = examination->can_guard && routes[ROUTE_BRAND].armed;
    print_heading(output, "What `treefall run` guarantees on this machine:");
    print_promise(output, examination->can_guard, "processes can be found and killed");
    print_promise(output, branded || bounded,
                  "daemons that left their parents, session and environment are killed too");
    print_promise(output, routes[ROUTE_WIRE].armed || routes[ROUTE_JOB].armed,
                  "the kernel kills the tree if all guards are killed at once");
    print_promise(output, bounded, "a fork bomb is killed even without --max-procs");
    if (examination->findings[FINDING_ISOLATION].name) {
        print_promise(output, !examination->findings[FINDING_ISOLATION].error.code,
                      "--isolate works");
        print_promise(output, !examination->findings[FINDING_CAP].error.code, "--max-procs works");
    }
}

static void print_remedies(const struct examination *examination, struct output *output)
{
    bool headed = false;
    for (int i = 0; i < ROUTE_COUNT; i++) {
        const char *remedy = examination_remedy(examination, (enum route)i);
        if (examination->scope.guarantee.routes[i].armed || !remedy)
            continue;
        if (!headed)
            print_heading(output, "To get a stronger guarantee:");
        headed = true;
        put_indented(output, TEXT_COLUMN - NAME_COLUMN, "", remedy);
    }
}

static void print_pruned(const struct examination *examination, struct output *output)
{
    if (examination->pruned == 0)
        return;
    print_heading(output, "Removed:");
    sink_spaces(&output->sink, 0, NAME_COLUMN);
    sink_number(&output->sink, (int64_t)examination->pruned);
    sink_text(&output->sink, " empty cgroups named treefall-*: their guards had all been killed\n");
}

static void print_text(const struct examination *examination, struct output *output)
{
    print_heading(output, "Routes, strongest first:");
    print_routes(examination, output);
    print_promises(examination, output);
    print_findings(examination, output);
    print_remedies(examination, output);
    print_pruned(examination, output);
}

/* ---- for programs --------------------------------------------------------------------------- */

static void write_member(struct sink *sink, const char *name, const char *text)
{
    sink_text(sink, ",\"");
    sink_text(sink, name);
    sink_text(sink, "\":");
    sink_json_string(sink, text);
}

static void write_route(const struct examination *examination, int route, struct sink *sink)
{
    const struct route_info *info = route_info((enum route)route);
    const struct route_status *status = &examination->scope.guarantee.routes[route];
    sink_text(sink, "{\"route\":");
    sink_json_string(sink, info->name);
    sink_text(sink, status->armed ? ",\"armed\":true" : ",\"armed\":false");
    write_member(sink, "does", info->does);
    write_member(sink, "blind_to", info->blind_to);
    write_member(sink, "why_not", status->armed ? NULL : status->why_not);
    write_member(sink, "remedy",
                 status->armed ? NULL : examination_remedy(examination, (enum route)route));
    sink_text(sink, "}");
}

static void write_finding(const struct finding *finding, struct sink *sink)
{
    bool good = !finding->error.code;
    sink_text(sink, "{\"check\":");
    sink_json_string(sink, finding->name);
    sink_text(sink, good ? ",\"ok\":true" : ",\"ok\":false");
    write_member(sink, "breaks", good ? NULL : finding->breaks);
    write_member(sink, "advice", good ? NULL : finding->error.advice);
    sink_text(sink, "}");
}

static void write_json(const struct examination *examination, struct sink *sink)
{
    sink_text(sink, "{\"treefall_doctor\":1");
    write_member(sink, "version", TREEFALL_VERSION);
    sink_text(sink, examination->can_guard ? ",\"can_guard\":true" : ",\"can_guard\":false");
    sink_text(sink, examination->scope.brands.may_be_shed ? ",\"brand_may_be_shed\":true"
                                                          : ",\"brand_may_be_shed\":false");
    sink_text(sink, ",\"cgroups_removed\":");
    sink_number(sink, (int64_t)examination->pruned);
    sink_text(sink, ",\"wire_room\":");
    sink_unsigned(sink, examination->scope.guarantee.wire_room);
    sink_text(sink, ",\"guarantee\":[");
    const char *before = "\n";
    for (int i = 0; i < ROUTE_COUNT; i++) {
        if (!guarantee_tells(&examination->scope.guarantee, (enum route)i))
            continue;
        sink_text(sink, before);
        write_route(examination, i, sink);
        before = ",\n";
    }
    sink_text(sink, "]");
    if (escape_info(examination->scope.guarantee.escape))
        write_member(sink, "escape", escape_info(examination->scope.guarantee.escape)->name);
    sink_text(sink, ",\"checks\":[");
    before = "\n";
    for (int i = 0; i < FINDING_COUNT; i++) {
        if (!examination->findings[i].name)
            continue;
        sink_text(sink, before);
        write_finding(&examination->findings[i], sink);
        before = ",\n";
    }
    sink_text(sink, "]}\n");
}

int doctor_command(const struct doctor_settings *settings)
{
    static struct examination examination;
    struct output output;
    examination_make(&examination);
    output_open(&output);
    if (settings->json)
        write_json(&examination, &output.sink);
    else
        print_text(&examination, &output);
    return output_close(&output, examination.can_guard ? 0 : STATUS_FAILURE);
}
