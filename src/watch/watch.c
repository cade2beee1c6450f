#include "watch/watch.h"

#include "base/status.h"
#include "report/publish.h"
#include "tree/arm.h"
#include "tree/attach.h"
#include "tree/keep.h"
#include "tree/lookout.h"
#include "tree/pact.h"
#include "watch/pair.h"

static struct error refuse(const char *what, const char *advice)
{
    return error_make(ERROR_REFUSED, 0, what, advice);
}

static struct error check_ward(const struct scope *scope, int32_t pid)
{
    if (pid == 1)
        return refuse("watch pid 1",
                      "it is the init of this system or container, which is never killed");
    if (protected_has(&scope->protected, (struct process_identity){pid, 0}))
        return refuse("watch treefall's own ancestor",
                      "killing its tree would kill treefall and your shell: start treefall from "
                      "elsewhere (setsid, another terminal)");
    return ERROR_OK;
}

static struct error open_beats(struct watch *watch, uint32_t ward_user)
{
    struct beats *beats = &watch->sentinel.beats;
    if (!watch->settings->heartbeat)
        return ERROR_OK;
    struct error error = os_beat_file_open(watch->settings->heartbeat, ward_user, &beats->file);
    if (!error.code)
        beats->source = BEATS_FILE;
    return error;
}

static struct error open_ward(struct watch *watch)
{
    struct scope *scope = &watch->scope;
    struct process_row row = {0};
    struct error error = os_can_signal();
    if (!error.code)
        error = os_process_open((struct process_identity){watch->settings->pid, 0}, &scope->ward);
    if (!error.code)
        error = os_process_row(watch->settings->pid, &row);
    if (error.code == ERROR_GONE)
        return error_make(ERROR_NOT_FOUND, error.os_code, "watch a process that does not exist",
                          "to kill the orphans of a dead process, use treefall kill PID");
    if (error.code)
        return error;
    if (row.is_kernels)
        return refuse("watch a kernel thread", "give the pid of a process");
    if (os_strike_handle(&scope->ward, 0) == STRIKE_DENIED)
        return error_make(ERROR_DENIED, 0, "watch another user's process",
                          "run treefall as that user or as root");
    scope_meet_ward(scope, &row);
    return open_beats(watch, row.uid);
}

struct error watch_open(struct watch *watch, const struct watch_settings *settings)
{
    struct clock_reading now;
    os_clock(&now);
    *watch = (struct watch){.settings = settings,
                            .primary = {.handle = OS_NO_HANDLE},
                            .dismissal = OS_NO_HANDLE,
                            .started = now};
    scope_init(&watch->scope);
    keep_begin(&watch->scope, settings->keep.items, settings->keep.count);
    sentinel_init(&watch->sentinel, &watch->scope);
    protected_add_ancestry(&watch->scope.protected);
    struct error error = os_limits_suffice(OS_FILES_OF_A_FALL);
    if (!error.code && settings->pid_file)
        error = os_path_absolute(settings->pid_file, watch->pid_file, sizeof watch->pid_file);
    if (!error.code)
        error = check_ward(&watch->scope, settings->pid);
    return error.code ? error : open_ward(watch);
}

/* ---- the report of a kill ---- */

static void fallen(void *context, enum trigger trigger, bool complete)
{
    struct watch *watch = context;
    struct ledger *ledger = &watch->sentinel.ledger;
    struct report report = {
        .command = watch->scope.ward_name,
        .ward = watch->scope.ward.id,
        .ward_exited = os_process_ended(&watch->scope.ward),
        .ward_status = REPORT_STATUS_UNKNOWN,
        .exit_status = complete ? STATUS_DONE : STATUS_FAILURE,
        .trigger = trigger,
        .written_by = "sentinel",
        .guarantee = scope_guarantee(&watch->scope),
    };
    ledger_tell_times(ledger, &watch->started, &report);
    watch->incomplete = !complete;
    watch->unreported = publish_report(&report, ledger, watch->settings->reports.items,
                                       watch->settings->reports.count, &watch->unwritten);
}

/* ---- the pair ---- */

static void partner_lost(void *context)
{
    struct watch *watch = context;
    os_guard_reap(&watch->sentinel.partner);
    pair_start(watch);
}

/* A partner knows only the ward that it started with. */
static void succeeded(void *context)
{
    struct watch *watch = context;
    os_dismiss(watch->dismissal);
    os_guard_reap(&watch->sentinel.partner);
    pair_start(watch);
}

struct plan watch_plan(const struct watch_settings *settings)
{
    struct plan plan = settings->plan;
    if (plan.grace_ms == 0)
        plan.asks_for = 0;
    return plan;
}

struct error watch_arm(struct watch *watch)
{
    const struct watch_settings *settings = watch->settings;
    struct sentinel *sentinel = &watch->sentinel;
    unsigned without = settings->plan.without;
    arm_passive(&watch->scope, without);
    scope_unarmed(&watch->scope, ROUTE_PIDNS, "the ward was not started by treefall");
    scope_unarmed(&watch->scope, ROUTE_CGROUP, "the ward was not started by treefall");
    scope_unarmed(&watch->scope, ROUTE_SUBREAPER, "the ward was not started by treefall");
    attach_tree(&watch->scope, without);
    arm_events(&watch->scope, without, &sentinel->upkeep.events);
    if (sentinel->upkeep.events != OS_NO_HANDLE && os_events_prove().code)
        arm_unproven(&watch->scope, ROUTE_EVENTS);
    arm_wire(&watch->scope, without);
    if (watch->scope.wire && os_wire_prove(watch->scope.wire).code)
        arm_unproven(&watch->scope, ROUTE_WIRE);
    /* The attestation must be true now, not from the first look on. */
    lookout_refresh(&watch->scope);
    struct plan plan = watch_plan(settings);
    sentinel_follow(sentinel, &plan);
    sentinel->leads = true;
    sentinel->calls.fallen = fallen;
    sentinel->calls.partner_lost = partner_lost;
    sentinel->calls.settled = sentinel_tidy;
    sentinel->calls.succeeded = succeeded;
    sentinel->heir.pid_file = settings->pid_file ? watch->pid_file : NULL;
    sentinel->calls.context = watch;
    ledger_init(&sentinel->ledger, settings->reports.count > 0);
    struct error error = os_signals_take(&sentinel->signals);
    if (!error.code)
        error = os_limits_suffice(OS_FILES_OF_A_FALL);
    if (error.code && watch->scope.wire) /* our exit would kill a ward that we do not guard */
        os_wire_disarm(watch->scope.wire);
    return error;
}

int watch_run(struct watch *watch)
{
    if (pair_start(watch).code)
        watch->sentinel.partner.handle = OS_NO_HANDLE;
    int status = sentinel_run(&watch->sentinel);
    if (status != 0) /* we cannot watch any more: our exit calls the partner */
        return STATUS_FAILURE;
    /* A partner may have killed the tree while we were stopped. */
    watch->incomplete |= pact_claim(&watch->scope).stage == CLAIM_INCOMPLETE;
    if (watch->scope.wire)
        os_wire_disarm(watch->scope.wire);
    os_dismiss(watch->dismissal);
    os_guard_reap(&watch->sentinel.partner);
    return watch->incomplete ? STATUS_FAILURE : STATUS_DONE;
}

void watch_close(struct watch *watch)
{
    beats_close(&watch->sentinel.beats);
    scope_done(&watch->scope);
}
