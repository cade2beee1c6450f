/* `treefall doctor`: every route is armed as `run` would, on nobody, and let go again. */
#include "cli/command.h"
#include "cli/output.h"
#include "guard/arm.h"
#include "version.h"

#include <string.h>

#define NAME_COLUMN  2
#define STATE_COLUMN 14
#define TEXT_COLUMN  21

struct finding {
    const char *name;
    const char *breaks; /* what does not work without it */
    bool essential;
    struct error error;
};

enum {
    FINDING_PIDFD,
    FINDING_PROC,
    FINDING_OTHERS,
    FINDING_FOLDER,
    FINDING_ISOLATION,
    FINDING_COUNT
};

struct examination {
    struct scope scope;
    struct finding findings[FINDING_COUNT];
    bool can_guard;
};

/* How a route that is not armed here could be. */
static const char *const remedies[ROUTE_COUNT] = {
    [ROUTE_CGROUP] = "a cgroup: run as root, or under "
                     "`systemd-run --user --scope -p Delegate=yes`",
    [ROUTE_BRAND] = "the brand: lift the limit of file locks (ulimit -x unlimited) where the "
                    "session starts",
    [ROUTE_SUBREAPER] = "a subreaper: start treefall from a shell that does not exec it",
    [ROUTE_EVENTS] = "process events: Linux 6.6, or root, outside of containers",
    [ROUTE_WIRE] = "the kernel's kill when both guards die at once: mount /proc",
};

/* ---- looking -------------------------------------------------------------------------------- */

static struct error try_pidfd(void)
{
    struct os_process self;
    struct error error =
        os_process_open((struct process_identity){.pid = os_process_self()}, &self);
    if (!error.code)
        os_process_close(&self);
    return error;
}

static void ignore_row(void *context, const struct process_row *row)
{
    (void)context;
    (void)row;
}

static struct error try_proc(void)
{
    return os_scan(SCAN_FULL, ignore_row, NULL);
}

static struct error try_others(void)
{
    struct process_row row = {0};
    if (!os_process_row(1, &row).code)
        return ERROR_OK;
    return error_make(ERROR_DENIED, 0, "see other users' processes",
                      "mount procfs with hidepid=0, or run as root");
}

static struct error try_folder(void)
{
    char path[4096];
    return os_runtime_folder(path, sizeof path);
}

/* A command without a name cannot be executed: when only that fails, all before it works. */
static struct error try_isolation(void)
{
    char *argv[] = {"", NULL};
    struct os_spawn spawn = {
        .argv = argv, .own_group = true, .isolate = true, .notices = OS_NO_HANDLE};
    struct os_child child;
    struct os_exit unused;
    uint32_t ready;
    struct error error = os_spawn_held(&spawn, &child);
    if (error.code)
        return error;
    error = os_spawn_release(&child);
    os_strike_handle(&child.process, os_signal_kill()); /* the namespace's init */
    os_wait(&child.process.handle, 1, OS_FOREVER, &ready);
    os_process_close(&child.process);
    while (os_child_reap(&unused) == REAPED_ONE)
        ;
    return error.code == ERROR_NOT_FOUND ? ERROR_OK : error;
}

static void look_around(struct examination *examination)
{
    struct finding *findings = examination->findings;
    findings[FINDING_PIDFD] =
        (struct finding){"pidfd", "nothing can be signalled safely", true, try_pidfd()};
    findings[FINDING_PROC] = (struct finding){"procfs", "no tree can be found", true, try_proc()};
    findings[FINDING_OTHERS] =
        (struct finding){"other users' processes", "members of other users are found by brand only",
                         false, try_others()};
    findings[FINDING_FOLDER] = (struct finding){
        "runtime folder", "no --heartbeat auto and no --notify", false, try_folder()};
    findings[FINDING_ISOLATION] =
        (struct finding){"pid namespaces", "no --isolate", false, try_isolation()};
    examination->can_guard = true;
    for (int i = 0; i < FINDING_COUNT; i++)
        if (findings[i].essential && findings[i].error.code)
            examination->can_guard = false;
}

static void try_wire(struct scope *scope)
{
    arm_wire(scope, 0);
    if (!scope->wire)
        return;
    struct error error = os_wire_prove(scope->wire);
    if (error.code)
        scope_unarmed(scope, ROUTE_WIRE, error.advice);
    os_wire_close(scope->wire);
    scope->wire = NULL;
}

static void try_routes(struct scope *scope)
{
    os_handle sessions = OS_NO_HANDLE;
    scope_init(scope);
    arm_passive(scope, 0);
    arm_brand(scope, 0);
    arm_container(scope, 0);
    arm_subreaper(scope, 0);
    try_wire(scope);
    arm_events(scope, 0, &sessions);
    scope_unarmed(scope, ROUTE_PIDNS, "not asked for (--isolate)");
    if (scope->container.handle != OS_NO_HANDLE)
        os_container_remove(&scope->container);
    os_handle_close(&sessions);
    scope_done(scope);
}

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

static void print_routes(const struct examination *examination, struct output *output)
{
    for (int i = 0; i < ROUTE_COUNT; i++) {
        const struct route_info *info = route_info((enum route)i);
        const struct route_status *status = &examination->scope.guarantee.routes[i];
        print_row(output, info->name, status->armed, info->does);
        if (status->armed)
            put_indented(output, 0, "does not see: ", info->blind_to);
        else
            put_indented(output, 0, "", status->why_not);
    }
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
    bool bounded = routes[ROUTE_CGROUP].armed;
    print_heading(output, "What holds under `treefall run` here:");
    print_promise(output, examination->can_guard, "processes can be found and felled");
    print_promise(output, routes[ROUTE_BRAND].armed || bounded,
                  "daemons that left their parents, session and environment fall too");
    print_promise(output, routes[ROUTE_WIRE].armed,
                  "the kernel fells the tree when all guards are killed at once");
    print_promise(output, bounded, "a fork bomb falls without --max-procs");
}

static void print_remedies(const struct examination *examination, struct output *output)
{
    bool headed = false;
    for (int i = 0; i < ROUTE_COUNT; i++) {
        if (examination->scope.guarantee.routes[i].armed || !remedies[i])
            continue;
        if (!headed)
            print_heading(output, "To get a stronger one:");
        headed = true;
        put_indented(output, TEXT_COLUMN - NAME_COLUMN, "", remedies[i]);
    }
}

static void print_text(const struct examination *examination, struct output *output)
{
    print_heading(output, "Routes, strongest first:");
    print_routes(examination, output);
    print_promises(examination, output);
    print_findings(examination, output);
    print_remedies(examination, output);
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
    write_member(sink, "remedy", status->armed ? NULL : remedies[route]);
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
    sink_text(sink, examination->scope.brand_may_be_shed ? ",\"brand_may_be_shed\":true"
                                                         : ",\"brand_may_be_shed\":false");
    sink_text(sink, ",\"guarantee\":[");
    for (int i = 0; i < ROUTE_COUNT; i++) {
        sink_text(sink, i > 0 ? ",\n" : "\n");
        write_route(examination, i, sink);
    }
    sink_text(sink, "],\"checks\":[");
    for (int i = 0; i < FINDING_COUNT; i++) {
        sink_text(sink, i > 0 ? ",\n" : "\n");
        write_finding(&examination->findings[i], sink);
    }
    sink_text(sink, "]}\n");
}

int doctor_command(const struct doctor_settings *settings)
{
    static struct examination examination;
    struct output output;
    look_around(&examination);
    try_routes(&examination.scope);
    output_open(&output);
    if (settings->json)
        write_json(&examination, &output.sink);
    else
        print_text(&examination, &output);
    return output_close(&output, examination.can_guard ? 0 : STATUS_FAILURE);
}
