/* `treefall kill PID`: kills the process's tree now. */
#include "tree/kill.h"
#include "base/status.h"
#include "cli/command.h"
#include "cli/output.h"
#include "core/ending.h"
#include "plan/say.h"
#include "report/publish.h"
#include "tree/arm.h"
#include "tree/ask.h"
#include "tree/census.h"
#include "tree/find.h"
#include "tree/keep.h"
#include "tree/step.h"
#include "tree/target.h"

#define LOOK_MS 50

struct felling {
    const struct kill_settings *settings;
    struct scope scope;
    struct target target;
    struct ledger ledger;
    struct process_row ward; /* as it was before; pid 0 = it was dead */
    struct clock_reading started;
    bool complete;
};

static struct error open_target(struct felling *felling, const struct kill_settings *settings)
{
    *felling = (struct felling){.settings = settings};
    os_clock(&felling->started);
    scope_init(&felling->scope);
    keep_begin(&felling->scope, settings->keep.items, settings->keep.count);
    struct error error = target_find(&felling->scope, settings->pid, &felling->target);
    if (!error.code && felling->target.alive)
        os_process_row(settings->pid, &felling->ward);
    return error;
}

/* The routes that this kill can use. */
static void note_guarantee(struct felling *felling)
{
    struct scope *scope = &felling->scope;
    const char *unknown = target_unknown(&felling->target);
    for (int route = 0; route < ROUTE_COUNT; route++)
        scope_unarmed(scope, (enum route)route, "not available to a kill from outside the tree");
    arm_passive(scope, 0);
    scope_unarmed(scope, ROUTE_ENVIRON, unknown);
    scope_unarmed(scope, ROUTE_BRAND, unknown);
    if (felling->target.by_brand) {
        scope_armed(scope, ROUTE_ENVIRON);
        scope_armed(scope, ROUTE_BRAND);
    }
}

/* ---- asking first ---- */

/* Opens a member that has not exited yet. False if there is none. */
static bool hold_one(struct scope *scope, struct os_process *out)
{
    struct census census;
    bool held = false;
    census_init(&census);
    census_take(&census, scope);
    for (size_t i = census.member_count; i-- > 0 && !held;) {
        const struct process_row *row = &census.members[i].row;
        held = !keep_spares(row) && !os_process_open(row->id, out).code;
    }
    census_done(&census);
    return held;
}

static bool ward_is_gone(const struct felling *felling)
{
    return !felling->target.alive || os_process_ended(&felling->scope.ward);
}

static size_t ask_first(struct felling *felling)
{
    const struct kill_settings *settings = felling->settings;
    if (settings->ask == KILL_ASK_GROUP)
        return ask_group(&felling->scope, felling->ward.group, settings->signal, &felling->ledger);
    find_none(&felling->scope); /* members seen now are recognised later as orphans */
    return step_signal_ward(&felling->scope, settings->signal, &felling->ledger);
}

/* If nothing can be asked, there is nothing to wait for. */
static void take(struct felling *felling, struct ending *ending, enum ending_step step)
{
    if (step == STEP_ASK && ask_first(felling) == 0)
        ending_force(ending, TRIGGER_ASKED);
    step_take(&felling->scope, ending, step, &felling->ledger);
}

/* Processes that the ward starts while it exits are found only by looking before it is gone. */
static bool await_ward(struct felling *felling, int64_t until_ms)
{
    struct clock_reading now;
    uint32_t ready;
    find_none(&felling->scope);
    os_clock(&now);
    if (until_ms > now.now_ms + LOOK_MS)
        until_ms = now.now_ms + LOOK_MS;
    return !os_wait(&felling->scope.ward.handle, 1, until_ms, &ready).code;
}

/* Waits until one member exits, or the phase is over. False if none is left. While one is left, the
 * exits of the others need not be noticed. */
static bool await_one(struct felling *felling, const struct ending *ending)
{
    struct os_process member;
    uint32_t ready;
    if (!ending_awaits_rest(ending))
        return await_ward(felling, ending->next_ms);
    if (!hold_one(&felling->scope, &member))
        return false;
    bool waited = !os_wait(&member.handle, 1, ending->next_ms, &ready).code;
    os_process_close(&member);
    return waited;
}

static void ask(struct felling *felling)
{
    struct ending ending = {.grace_ms = felling->settings->grace_ms,
                            .signal = felling->settings->signal,
                            .at_once = felling->settings->ask == KILL_ASK_ALL};
    struct clock_reading now;
    os_clock(&now);
    bool gone = ward_is_gone(felling) || felling->settings->ask == KILL_ASK_ALL;
    take(felling, &ending, ending_ask(&ending, TRIGGER_ASKED, gone, now.now_ms));
    while (ending.phase != ENDING_FORCED && await_one(felling, &ending)) {
        os_clock(&now);
        if (ward_is_gone(felling))
            take(felling, &ending, ending_command_gone(&ending, now.now_ms));
        take(felling, &ending, ending_pass(&ending, now.now_ms));
    }
}

static int fell(struct felling *felling)
{
    ledger_begin(&felling->ledger);
    if (felling->settings->dry_run) {
        felling->complete = true;
        find_members(&felling->scope, &felling->ledger);
        return 0;
    }
    if (felling->settings->grace_ms > 0)
        ask(felling);
    felling->complete = kill_as_stranger(&felling->scope, &felling->ledger);
    return felling->complete ? 0 : STATUS_FAILURE;
}

/* ---- reporting ---- */

static struct report report_of(const struct felling *felling, int status)
{
    struct report report = {
        .command = felling->ward.name,
        .ward = {felling->settings->pid, felling->scope.ward.id.start},
        .ward_exited = !felling->target.alive || os_process_ended(&felling->scope.ward),
        .dry_run = felling->settings->dry_run,
        .ward_status = REPORT_STATUS_UNKNOWN,
        .exit_status = status,
        .trigger = TRIGGER_ASKED,
        .trigger_detail = felling->settings->dry_run ? NULL : "treefall kill",
        .written_by = "kill",
        .guarantee = felling->scope.guarantee,
    };
    ledger_tell_times(&felling->ledger, &felling->started, &report);
    return report;
}

static int tell(const struct felling *felling, int status)
{
    const struct kill_settings *settings = felling->settings;
    struct output output;
    struct report report = report_of(felling, status);
    const char *failed = NULL;
    struct error error = publish_report(&report, &felling->ledger, settings->reports.items,
                                        settings->reports.count, &failed);
    if (error.code) {
        say_error(&error, failed);
        status = STATUS_FAILURE;
    }
    if (!settings->json && target_unknown(&felling->target))
        say_of_process(settings->pid, target_unknown(&felling->target));
    output_open(&output);
    if (settings->json)
        report_write_json(&report, &output.sink);
    else
        report_write_text(&report, &output.sink);
    return output_close(&output, status);
}

int kill_command(const struct kill_settings *settings)
{
    static struct felling felling;
    struct error error = open_target(&felling, settings);
    if (error.code) {
        say_error(&error, NULL);
        scope_done(&felling.scope);
        return STATUS_FAILURE;
    }
    ledger_init(&felling.ledger, true);
    note_guarantee(&felling);
    int status = tell(&felling, fell(&felling));
    ledger_done(&felling.ledger);
    scope_done(&felling.scope);
    return status;
}
