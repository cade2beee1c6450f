#include "cli/examination.h"

#include "tree/arm.h"

#include <string.h>

#define TRIAL_CAP 100000 /* processes */
#define TRIAL_MS  10000

#define NATIVE "run a treefall that is built for this machine, without an emulator"

/* Selected by the route's reason; the first match counts. */
static const struct {
    enum route route;
    const char *reason;
    const char *remedy;
} remedies[] = {
    {ROUTE_BRAND, "a limit of file locks",
     "the brand: remove the limit of file locks (ulimit -x unlimited) where the session starts"},
    {ROUTE_BRAND, "limits cannot", "the brand: allow prlimit64 in the seccomp filter"},
    {ROUTE_SUBREAPER, "treefall inherited",
     "a subreaper: start treefall from a shell that does not exec it"},
    {ROUTE_SUBREAPER, "the kernel", "a subreaper: allow prctl in the seccomp filter"},
    {ROUTE_WIRE, "/proc", "the kernel's kill if all guards die at once: mount /proc"},
};

static struct error try_others(void)
{
    struct process_row row = {0};
    struct error error = os_can_look_up();
    if (error.code || !os_process_row(1, &row).code)
        return error;
    return error_make(ERROR_DENIED, 0, "see other users' processes",
                      "mount procfs with hidepid=0, or run as root");
}

static struct error try_folder(void)
{
    struct os_beat_file file;
    struct error error = os_beat_file_make(&file);
    if (!error.code)
        os_beat_file_close(&file);
    return error;
}

static struct error await_fault(struct os_child *child)
{
    struct clock_reading now;
    uint32_t ready = 0;
    os_clock(&now);
    struct error error = os_wait(&child->fault, 1, now.now_ms + TRIAL_MS, &ready);
    if (!error.code && ready != 0)
        return os_spawn_fault(child);
    os_handle_close(&child->fault);
    return error_make(ERROR_SYSTEM, error.os_code, "start a trial process in time", NULL);
}

/* A command without a name cannot be executed: if only that fails, everything before it works. */
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
    if (!error.code)
        error = await_fault(&child);
    os_strike_handle(&child.process, os_signal_kill()); /* the namespace's init */
    os_wait(&child.process.handle, 1, OS_FOREVER, &ready);
    os_process_close(&child.process);
    while (os_child_reap(&unused) == REAPED_ONE)
        ;
    return error.code == ERROR_NOT_FOUND ? ERROR_OK : error;
}

static struct error try_cap(void)
{
    struct os_container container = {.handle = OS_NO_HANDLE};
    if (os_user() != 0)
        return ERROR_OK; /* a resource limit does it */
    os_container_make(&container);
    struct error error = os_container_cap(&container, TRIAL_CAP);
    os_container_remove(&container);
    return error;
}

static void look_around(struct examination *examination)
{
    struct finding *findings = examination->findings;
    findings[FINDING_FOLDER] = (struct finding){
        "runtime folder", "--heartbeat auto and --notify do not work", try_folder()};
    /* Systems with other process tables cannot have this problem. */
    if (!os_has_route(ROUTE_PIDNS))
        return;
    findings[FINDING_PIDFD] =
        (struct finding){"pidfd", "no process can be signalled safely", os_can_signal()};
    findings[FINDING_PROC] = (struct finding){
        "procfs", "only run works, and finds processes by brand alone", os_can_look_up()};
    findings[FINDING_OTHERS] = (struct finding){
        "other users' processes", "members of other users are found by brand only", try_others()};
    findings[FINDING_ISOLATION] =
        (struct finding){"pid namespaces", "--isolate does not work", try_isolation()};
    findings[FINDING_CAP] =
        (struct finding){"process limit", "--max-procs does not work", try_cap()};
    if (!examination->is_emulated)
        return;
    for (int i = 0; i < FINDING_COUNT; i++)
        findings[i].error.advice = NATIVE;
    findings[FINDING_EMULATION] =
        (struct finding){"native machine", "an emulator does not pass on all system calls",
                         error_make(ERROR_UNSUPPORTED, 0, "run without an emulator", NATIVE)};
}

static void try_wire(struct scope *scope)
{
    arm_wire(scope, 0);
    if (!scope->wire)
        return;
    struct error error = os_wire_prove(scope->wire);
    scope->guarantee.wire_room = os_wire_room(scope->wire);
    if (error.code)
        scope_unarmed(scope, ROUTE_WIRE, error.advice);
    os_wire_close(scope->wire);
    scope->wire = NULL;
}

static enum escape try_escape(void)
{
    char path[4096];
    return os_path_beside("treefall-sentinel", path, sizeof path) && os_is_program(path)
               ? os_escape_try(path)
               : ESCAPE_UNNEEDED;
}

static void try_routes(struct scope *scope, size_t *pruned)
{
    os_handle events = OS_NO_HANDLE;
    scope_init(scope);
    arm_passive(scope, 0);
    arm_brand(scope, 0);
    arm_container(scope, 0);
    arm_subreaper(scope, 0);
    try_wire(scope);
    arm_events(scope, 0, &events);
    if (events != OS_NO_HANDLE && os_events_prove().code)
        arm_unproven(scope, ROUTE_EVENTS);
    scope_unarmed(scope, ROUTE_PIDNS, "not requested (--isolate)");
    scope->guarantee.escape = try_escape();
    if (scope->container.handle != OS_NO_HANDLE) {
        *pruned = os_container_prune();
        os_container_remove(&scope->container);
    }
    os_handle_close(&events);
    scope_done(scope);
}

void examination_make(struct examination *examination)
{
    const struct route_status *routes = examination->scope.guarantee.routes;
    examination->is_emulated = os_is_emulated();
    look_around(examination);
    try_routes(&examination->scope, &examination->pruned);
    if (examination->findings[FINDING_PROC].error.code)
        scope_unarmed(&examination->scope, ROUTE_WIRE, "it needs a readable /proc");
    examination->can_guard = !examination->findings[FINDING_PIDFD].error.code &&
                             (!examination->findings[FINDING_PROC].error.code ||
                              routes[ROUTE_BRAND].armed || routes[os_container_route()].armed);
}

/* For cgroups and events, the reason itself says what would help. */
const char *examination_remedy(const struct examination *examination, enum route route)
{
    const char *reason = examination->scope.guarantee.routes[route].why_not;
    if (!reason || !os_has_route(route) || examination->is_emulated)
        return NULL;
    if (route == ROUTE_CGROUP || route == ROUTE_EVENTS)
        return reason;
    for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++)
        if (remedies[i].route == route && strstr(reason, remedies[i].reason))
            return remedies[i].remedy;
    return NULL;
}
