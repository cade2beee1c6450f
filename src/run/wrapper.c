#include "run/wrapper.h"

#include "base/moment.h"
#include "base/status.h"
#include "plan/say.h"
#include "report/publish.h"
#include "tree/births.h"
#include "tree/find.h"
#include "tree/keep.h"
#include "tree/kill.h"
#include "tree/lookout.h"
#include "tree/pact.h"

#define FIRST_CENSUS_MS  5
#define LEFTOVER_LOOK_MS 50

enum { AT_SIGNALS, AT_SENTINEL, AT_CHANNEL, AT_CALLER, AT_BIRTHS, AT_LATE, AT_INPUT, AT_COUNT };

static void wrapper_init(struct wrapper *wrapper, const struct run_settings *settings)
{
    struct clock_reading now;
    os_clock(&now);
    *wrapper = (struct wrapper){
        .settings = settings,
        .child = {.process = {.handle = OS_NO_HANDLE}, .gate = OS_NO_HANDLE, .fault = OS_NO_HANDLE},
        .self = {.handle = OS_NO_HANDLE},
        .sentinel = {.handle = OS_NO_HANDLE},
        .caller = OS_NO_HANDLE,
        .signals = OS_NO_HANDLE,
        .input = OS_NO_HANDLE,
        .channel = OS_NO_HANDLE,
        .channel_far = OS_NO_HANDLE,
        .reserve = {.handle = OS_NO_HANDLE},
        .reserve_births = OS_NO_HANDLE,
        .terminal = {.handle = OS_NO_HANDLE},
        .ending = plan_ending(&settings->plan),
        .foreground = settings->foreground || !os_has_job_control(),
        .started = now,
        .deadline_ms = OS_FOREVER,
    };
    if (settings->timeout_ms > 0)
        wrapper->deadline_ms = now.now_ms + settings->timeout_ms;
    scope_init(&wrapper->scope);
    keep_begin(&wrapper->scope, settings->keep.items, settings->keep.count);
    sentinel_init(&wrapper->watch, &wrapper->scope);
    ledger_init(&wrapper->ledger, settings->reports.count > 0);
}

/* ---- events ---- */

static void hear_signals(struct wrapper *wrapper, int64_t now_ms)
{
    struct os_signal signal;
    while (os_signals_read(wrapper->signals, &signal))
        wrapper_hear_signal(wrapper, &signal, now_ms);
}

/* Not closed: the other guards wait for the same handle. */
static void lose_caller(struct wrapper *wrapper, int64_t now_ms)
{
    if (!os_caller_is_lost(wrapper->caller))
        return;
    wrapper->caller = OS_NO_HANDLE;
    if (wrapper->ending.phase == ENDING_NONE)
        say_line("the caller is gone: ending the tree (use --caller none to prevent this)");
    wrapper_ask(wrapper, TRIGGER_CALLER_DEAD, NULL, now_ms);
}

static void check_time(struct wrapper *wrapper, int64_t now_ms)
{
    if (now_ms < wrapper->deadline_ms)
        return;
    wrapper->deadline_ms = OS_FOREVER;
    if (ending_awaits_rest(&wrapper->ending) && wrapper->ending.trigger == TRIGGER_WARD_DEAD)
        ending_force(&wrapper->ending, TRIGGER_TIMEOUT);
    else
        wrapper_ask(wrapper, TRIGGER_TIMEOUT, NULL, now_ms);
}

/* ---- the loop ---- */

static void turn(struct wrapper *wrapper, uint32_t ready, const struct clock_reading *now)
{
    int64_t now_ms = now->now_ms;
    if (ready & 1u << AT_SIGNALS)
        hear_signals(wrapper, now_ms);
    if (ready & 1u << AT_CHANNEL)
        wrapper_hear_sentinel(wrapper, now_ms);
    if (ready & 1u << AT_SENTINEL)
        wrapper_lose_sentinel(wrapper);
    if (ready & 1u << AT_CALLER)
        lose_caller(wrapper, now_ms);
    if (ready & 1u << AT_BIRTHS && !births_read(&wrapper->scope))
        wrapper->census_ms = now_ms;
    if (ready & 1u << AT_LATE)
        wrapper_look_for_sentinel(wrapper, now);
    if (ready & 1u << AT_INPUT)
        wrapper_hear_input(wrapper, now_ms);
    check_time(wrapper, now_ms);
}

/* "No children" proves nothing about orphans that are not our children. Without the subreaper, the
 * last look decides. */
static bool is_tree_empty(const struct wrapper *wrapper, enum os_reaped left)
{
    return wrapper->scope.reaper != 0 ? left == REAPED_NO_CHILDREN : wrapper->tree_is_empty;
}

/* Kept processes, and orphans that are not our children, send no signal when they exit. */
static bool must_look_for_rest(const struct wrapper *wrapper)
{
    return wrapper->scope.reaper == 0 || wrapper->scope.keep.count > 0;
}

/* True when nothing is left. */
static bool look_at_children(struct wrapper *wrapper, int64_t now_ms)
{
    struct reaper *reaper = &wrapper->reaper;
    enum os_reaped left = reaper_take(reaper);
    if (reaper->ward_changed) {
        reaper->ward_changed = false;
        if (reaper->ward_exit.kind == EXIT_STOPPED)
            job_ward_stopped(wrapper, (int)reaper->ward_exit.status);
    }
    if (!reaper->ward_exited && !reaper->ward_told)
        return false;
    if (!wrapper->ward_is_gone) {
        wrapper_lose_ward(wrapper, now_ms);
        if (ending_awaits_rest(&wrapper->ending) && must_look_for_rest(wrapper))
            wrapper->census_ms = now_ms;
    }
    return is_tree_empty(wrapper, left);
}

/* Without a rung that finds orphans, the wrapper must have seen them while their parents lived.
 * Without the subreaper, it learns of an empty tree only by looking. */
static void start_lineage(struct wrapper *wrapper, int64_t now_ms)
{
    const struct scope *scope = &wrapper->scope;
    bool looks =
        scope->reaper == 0 && (births_are_needed(scope) || !wrapper->settings->plan.fall_on_exit);
    wrapper->census_gap_ms = FIRST_CENSUS_MS;
    wrapper->census_ms = looks ? now_ms + FIRST_CENSUS_MS : OS_FOREVER;
}

static void keep_lineage(struct wrapper *wrapper, int64_t now_ms)
{
    if (now_ms < wrapper->census_ms)
        return;
    lookout_refresh(&wrapper->scope);
    wrapper->tree_is_empty = wrapper->ward_is_gone && find_none(&wrapper->scope);
    wrapper->census_gap_ms =
        moment_earlier(2 * wrapper->census_gap_ms, wrapper->settings->plan.kill_delay_ms);
    if (ending_awaits_rest(&wrapper->ending))
        wrapper->census_gap_ms = LEFTOVER_LOOK_MS;
    wrapper->census_ms = now_ms + wrapper->census_gap_ms;
}

static bool is_forced(const struct wrapper *wrapper)
{
    return wrapper->ending.phase == ENDING_FORCED;
}

/* Checks everything that no handle reports. True when there is nothing more to wait for. */
static bool look_around(struct wrapper *wrapper, int64_t now_ms)
{
    if (look_at_children(wrapper, now_ms))
        return true;
    keep_lineage(wrapper, now_ms);
    if (wrapper->ward_is_gone && wrapper->tree_is_empty)
        return true;
    wrapper_pass_time(wrapper, now_ms);
    return is_forced(wrapper);
}

static int64_t next_turn(const struct wrapper *wrapper)
{
    int64_t until_ms = moment_earlier(wrapper->deadline_ms, ending_deadline(&wrapper->ending));
    return moment_earlier(until_ms, wrapper->census_ms);
}

static bool wait(struct wrapper *wrapper, uint32_t *ready)
{
    os_handle handles[AT_COUNT];
    handles[AT_SIGNALS] = wrapper->signals;
    handles[AT_SENTINEL] = wrapper->sentinel.handle;
    handles[AT_CHANNEL] = wrapper->channel;
    handles[AT_CALLER] = wrapper->caller;
    handles[AT_BIRTHS] = wrapper->scope.lineage.births;
    handles[AT_INPUT] = wrapper->input;
    handles[AT_LATE] = pact_alarm(&wrapper->scope, SEAT_SENTINEL);
    return !os_wait(handles, AT_COUNT, next_turn(wrapper), ready).code;
}

static void supervise(struct wrapper *wrapper)
{
    struct clock_reading now;
    uint32_t ready;
    os_clock(&now);
    start_lineage(wrapper, now.now_ms);
    while (!look_around(wrapper, now.now_ms) && !wrapper_is_relieved(wrapper)) {
        if (wrapper->ending.phase != ENDING_NONE)
            wrapper_promise(wrapper);
        if (!wait(wrapper, &ready))
            break;
        os_clock(&now);
        if (wrapper_is_relieved(wrapper))
            break;
        turn(wrapper, ready, &now);
    }
}

/* ---- the end ---- */

static bool fell(struct wrapper *wrapper)
{
    wrapper_begin_fall(wrapper);
    /* A kill by another guard is checked here again, because only we know our children. */
    if (!wrapper_leaves_fall(wrapper))
        pact_advance(&wrapper->scope, CLAIM_FELLING);
    if (wrapper->scope.reaper != 0)
        return kill_as_parent(&wrapper->scope, &wrapper->reaper, wrapper->signals,
                              &wrapper->ledger);
    bool complete = kill_as_stranger(&wrapper->scope, &wrapper->ledger);
    reaper_take(&wrapper->reaper);
    return complete;
}

static int give_up(struct wrapper *wrapper, struct error error)
{
    const char *command = wrapper->settings->command[0];
    os_handle_close(&wrapper->child.gate);
    if (wrapper->child.process.handle != OS_NO_HANDLE)
        fell(wrapper);
    wrapper_dismiss(wrapper);
    job_end(wrapper);
    say_error(&error, wrapper->child.failed ? command : wrapper->subject);
    if (!wrapper->child.failed)
        return STATUS_FAILURE;
    return error.code == ERROR_NOT_FOUND ? STATUS_NO_COMMAND : STATUS_CANNOT_EXECUTE;
}

static int finish(struct wrapper *wrapper, bool complete)
{
    bool reports = wrapper_may_report(wrapper);
    complete = complete && !wrapper->incomplete_elsewhere;
    wrapper_dismiss(wrapper);
    job_end(wrapper);
    if (reports)
        outcome_report(wrapper, &wrapper->ledger, wrapper->ending.trigger, complete, "wrapper");
    uint32_t status = outcome_status(wrapper, complete);
    return (int)job_status(wrapper, status);
}

/* Reported here, because the message's subject is a setting. */
static bool settings_are_sane(const struct run_settings *settings)
{
    struct error error = ERROR_OK;
    const char *subject = NULL;
    if (settings->isolate && settings->keep.count > 0)
        error = error_make(ERROR_USAGE, 0, "keep a program with --isolate",
                           "the kernel kills a whole pid namespace: leave out --keep or --isolate");
    for (size_t i = 0; i < settings->reports.count && !error.code; i++) {
        subject = settings->reports.items[i];
        error = publish_check(subject);
    }
    if (error.code)
        say_error(&error, subject);
    return !error.code;
}

static struct error release_ward(struct wrapper *wrapper)
{
    wrapper_identify_ward(wrapper);
    wrapper->child.process.id = wrapper->scope.ward.id;
    return os_spawn_release(&wrapper->child);
}

int run_supervise(const struct run_settings *settings)
{
    static struct wrapper wrapper;
    if (!settings_are_sane(settings))
        return STATUS_FAILURE;
    wrapper_init(&wrapper, settings);
    struct error error = wrapper_arm(&wrapper);
    os_caller_begin(wrapper.caller);
    if (!error.code)
        error = release_ward(&wrapper);
    if (error.code)
        return give_up(&wrapper, error);
    if (!settings->stays_in_folder)
        os_leave_folder();
    supervise(&wrapper);
    error = os_spawn_fault(&wrapper.child);
    if (error.code)
        return give_up(&wrapper, error);
    return finish(&wrapper, fell(&wrapper));
}
