#include "run/wrapper.h"

#include "cli/say.h"
#include "guard/arm.h"
#include "guard/births.h"
#include "guard/fall.h"
#include "guard/lookout.h"
#include "guard/pact.h"
#include "guard/publish.h"

#define FIRST_CENSUS_MS  5
#define LEFTOVER_LOOK_MS 50
#define REPLACE_TRIES    10
#define REPLACE_MS       1000 /* no other try after one that did not answer */

enum { AT_SIGNALS, AT_SENTINEL, AT_CHANNEL, AT_CALLER, AT_BIRTHS, AT_LATE, AT_INPUT, AT_COUNT };

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void wrapper_init(struct wrapper *wrapper, const struct run_settings *settings)
{
    struct clock_reading now;
    os_clock(&now);
    *wrapper = (struct wrapper){
        .settings = settings,
        .child = {.process = {.handle = OS_NO_HANDLE}, .gate = OS_NO_HANDLE, .fault = OS_NO_HANDLE},
        .self = {.handle = OS_NO_HANDLE},
        .sentinel = {.handle = OS_NO_HANDLE},
        .caller = {.handle = OS_NO_HANDLE},
        .signals = OS_NO_HANDLE,
        .input = OS_NO_HANDLE,
        .channel = OS_NO_HANDLE,
        .channel_far = OS_NO_HANDLE,
        .reserve = {.handle = OS_NO_HANDLE},
        .reserve_births = OS_NO_HANDLE,
        .terminal = {.handle = OS_NO_HANDLE},
        .escalation = {.grace_ms = settings->grace_ms},
        .foreground = settings->foreground || !os_has_job_control(),
        .started = now,
        .deadline_ms = OS_FOREVER,
    };
    if (settings->timeout_ms > 0)
        wrapper->deadline_ms = now.now_ms + settings->timeout_ms;
    scope_init(&wrapper->scope);
    wrapper->scope.keep = settings->keep.items;
    wrapper->scope.keep_count = settings->keep.count;
    sentinel_init(&wrapper->watch, &wrapper->scope);
    ledger_init(&wrapper->ledger, settings->reports.count > 0);
}

/* ---- what the loop hears ---- */

static void hear_signals(struct wrapper *wrapper, int64_t now_ms)
{
    struct os_signal signal;
    while (os_signals_read(wrapper->signals, &signal))
        wrapper_hear_signal(wrapper, &signal, now_ms);
}

static void end_reserve(os_handle *dismissal, struct os_process *reserve)
{
    os_dismiss(*dismissal);
    os_guard_reap(reserve);
    os_handle_close(dismissal);
}

/* A sentinel may be killed before it can attest, as the one before it was. */
static bool start_another(struct wrapper *wrapper)
{
    struct clock_reading now;
    os_clock(&now);
    int64_t until_ms = now.now_ms + REPLACE_MS;
    for (int tries = 0; tries < REPLACE_TRIES && now.now_ms < until_ms; tries++) {
        if (!wrapper_begin_sentinel(wrapper).code && !wrapper_await_sentinel(wrapper).code)
            return true;
        wrapper_end_guards(wrapper);
        os_clock(&now);
    }
    return false;
}

/* The lost one's reserve stands by until there is another: we may be stopped in the middle of this.
 */
static bool replace_sentinel(struct wrapper *wrapper)
{
    os_handle dismissal = wrapper->watch.dismissal;
    struct os_process reserve = wrapper->reserve;
    os_guard_reap(&wrapper->sentinel);
    wrapper->watch.dismissal = wrapper->reserve.handle = OS_NO_HANDLE;
    if (!start_another(wrapper)) {
        wrapper->watch.dismissal = dismissal;
        wrapper->reserve = reserve;
        return false;
    }
    end_reserve(&dismissal, &reserve);
    if (wrapper->settings->verbose)
        say_line("the sentinel was lost and is replaced");
    return true;
}

/* Its reserve became our child: it stands by until we are done, in case that we are killed too. */
static void lose_sentinel(struct wrapper *wrapper)
{
    if (wrapper->settings->sentinel_loss == SENTINEL_LOSS_REPLACE && replace_sentinel(wrapper))
        return;
    os_guard_reap(&wrapper->sentinel);
    wrapper->scope.guard_adopted = true;
    wrapper->trigger_detail = "the sentinel was killed";
    escalation_force(&wrapper->escalation, TRIGGER_GUARD_LOST);
}

/* It may have ended since: then its number is another's. */
static void know_reserve(struct wrapper *wrapper, const struct channel_message *message)
{
    const struct process_identity id = {(int32_t)message->detail, (uint64_t)message->value};
    scope_spare_id(&wrapper->scope, id);
    if (os_process_open(id, &wrapper->reserve).code)
        wrapper->reserve.handle = OS_NO_HANDLE;
}

static void hear_sentinel(struct wrapper *wrapper)
{
    struct channel_message message;
    bool closed;
    while (os_channel_read(wrapper->channel, &message, &closed)) {
        if (message.kind == MESSAGE_FALL)
            escalation_force(&wrapper->escalation, (enum trigger)message.detail);
        if (message.kind == MESSAGE_UNPROVEN)
            arm_unproven(&wrapper->scope, (enum route)message.detail);
        if (message.kind == MESSAGE_RESERVE)
            know_reserve(wrapper, &message);
        if (message.kind == OS_NOTICE_STOPPED)
            job_ward_stopped(wrapper, (int)message.detail);
    }
}

/* Not closed: the other guards wait for the same handle. */
static void lose_caller(struct wrapper *wrapper, int64_t now_ms)
{
    wrapper->caller.handle = OS_NO_HANDLE;
    wrapper_ask(wrapper, TRIGGER_CALLER_DEAD, NULL, now_ms);
}

static void check_time(struct wrapper *wrapper, int64_t now_ms)
{
    if (now_ms < wrapper->deadline_ms)
        return;
    wrapper->deadline_ms = OS_FOREVER;
    wrapper_ask(wrapper, TRIGGER_TIMEOUT, NULL, now_ms);
}

/* The sentinel did not look when it was to: it is stopped, or starved. */
static void look_for_sentinel(struct wrapper *wrapper, const struct clock_reading *now)
{
    os_handle alarm = pact_alarm(&wrapper->scope, SEAT_SENTINEL);
    enum trigger trigger = sentinel_judge(&wrapper->watch, now);
    os_alarm_set(alarm, OS_FOREVER);
    if (trigger != TRIGGER_NONE)
        escalation_force(&wrapper->escalation, trigger);
    else if (wrapper->watch.beats.source != BEATS_NONE)
        os_alarm_set(alarm, sentinel_next_look(&wrapper->watch));
}

/* ---- the loop ---- */

static void turn(struct wrapper *wrapper, uint32_t ready, const struct clock_reading *now)
{
    int64_t now_ms = now->now_ms;
    if (ready & 1u << AT_SIGNALS)
        hear_signals(wrapper, now_ms);
    if (ready & 1u << AT_CHANNEL)
        hear_sentinel(wrapper);
    if (ready & 1u << AT_SENTINEL)
        lose_sentinel(wrapper);
    if (ready & 1u << AT_CALLER)
        lose_caller(wrapper, now_ms);
    if (ready & 1u << AT_BIRTHS && !births_read(&wrapper->scope))
        wrapper->census_ms = now_ms;
    if (ready & 1u << AT_LATE)
        look_for_sentinel(wrapper, now);
    if (ready & 1u << AT_INPUT)
        wrapper_hear_input(wrapper, now_ms);
    check_time(wrapper, now_ms);
}

/* "No children" says nothing of orphans that are not ours: then the last look does. */
static bool is_tree_empty(const struct wrapper *wrapper, enum os_reaped left)
{
    return wrapper->scope.reaper != 0 ? left == REAPED_NO_CHILDREN : wrapper->tree_is_empty;
}

/* True when there is nothing more to wait for. */
static bool look_at_children(struct wrapper *wrapper)
{
    enum os_reaped left = reaper_take(&wrapper->reaper);
    if (wrapper->reaper.ward_changed) {
        wrapper->reaper.ward_changed = false;
        if (wrapper->reaper.ward_exit.kind == EXIT_STOPPED)
            job_ward_stopped(wrapper, (int)wrapper->reaper.ward_exit.status);
    }
    if (!wrapper->reaper.ward_exited)
        return false;
    return wrapper->settings->fall_on_exit || is_tree_empty(wrapper, left);
}

/* Without a rung that finds orphans, the wrapper must have seen them while their parents lived. And
 * who is no subreaper learns of an empty tree only by looking. */
static void start_lineage(struct wrapper *wrapper, int64_t now_ms)
{
    const struct scope *scope = &wrapper->scope;
    bool looks =
        scope->reaper == 0 && (births_are_needed(scope) || !wrapper->settings->fall_on_exit);
    wrapper->census_gap_ms = FIRST_CENSUS_MS;
    wrapper->census_ms = looks ? now_ms + FIRST_CENSUS_MS : OS_FOREVER;
}

static void keep_lineage(struct wrapper *wrapper, int64_t now_ms)
{
    if (now_ms < wrapper->census_ms)
        return;
    lookout_refresh(&wrapper->scope);
    wrapper->tree_is_empty = wrapper->reaper.ward_exited && fall_finds_none(&wrapper->scope);
    wrapper->census_gap_ms = earlier(2 * wrapper->census_gap_ms, wrapper->settings->kill_delay_ms);
    wrapper->census_ms = now_ms + wrapper->census_gap_ms;
}

static void supervise(struct wrapper *wrapper)
{
    os_handle handles[AT_COUNT];
    struct clock_reading now;
    uint32_t ready;
    os_clock(&now);
    start_lineage(wrapper, now.now_ms);
    while (!look_at_children(wrapper) && !escalation_is_due(&wrapper->escalation, now.now_ms)) {
        handles[AT_SIGNALS] = wrapper->signals;
        handles[AT_SENTINEL] = wrapper->sentinel.handle;
        handles[AT_CHANNEL] = wrapper->channel;
        handles[AT_CALLER] = wrapper->caller.handle;
        handles[AT_BIRTHS] = wrapper->scope.births;
        handles[AT_INPUT] = wrapper->input;
        handles[AT_LATE] = pact_alarm(&wrapper->scope, SEAT_SENTINEL);
        int64_t until = earlier(wrapper->deadline_ms, escalation_deadline(&wrapper->escalation));
        if (os_wait(handles, AT_COUNT, earlier(until, wrapper->census_ms), &ready).code)
            break;
        os_clock(&now);
        if (wrapper_is_relieved(wrapper))
            break;
        turn(wrapper, ready, &now);
        if (wrapper_is_relieved(wrapper))
            break;
        keep_lineage(wrapper, now.now_ms);
    }
}

/* ---- the end ---- */

/* True if a stop signal was among them. */
static bool hear_stop(struct wrapper *wrapper)
{
    struct os_signal signal;
    bool heard = false;
    while (os_signals_read(wrapper->signals, &signal))
        heard |= os_signal_stops(&signal);
    return heard;
}

static bool leftovers_are_gone(struct wrapper *wrapper)
{
    enum os_reaped left = reaper_take(&wrapper->reaper);
    wrapper->tree_is_empty = wrapper->scope.reaper == 0 && fall_finds_none(&wrapper->scope);
    return is_tree_empty(wrapper, left);
}

/* Leftovers of a ward that ended by itself may be asked first. What would fell the tree ends the
 * wait for them. Who is not told of their end looks now and then. */
static void ask_leftovers(struct wrapper *wrapper)
{
    struct clock_reading now;
    uint32_t ready = 0;
    const struct run_settings *settings = wrapper->settings;
    os_handle handles[] = {wrapper->signals, wrapper->sentinel.handle, wrapper->caller.handle};
    int64_t look_ms = wrapper->scope.reaper != 0 ? settings->exit_grace_ms : LEFTOVER_LOOK_MS;
    if (settings->exit_grace_ms <= 0 || wrapper->escalation.stage == STAGE_FORCED)
        return;
    os_clock(&now);
    int64_t asked_until = pact_leftovers_end(&wrapper->scope); /* by a guard that stood in for us */
    int64_t until = asked_until ? asked_until : now.now_ms + settings->exit_grace_ms;
    until = earlier(until, wrapper->deadline_ms);
    if (!asked_until && fall_ask_all(&wrapper->scope, settings->signal, &wrapper->ledger) == 0)
        return;
    pact_tell_leftovers(&wrapper->scope, until);
    while (now.now_ms < until && !leftovers_are_gone(wrapper)) {
        int64_t look_at_ms = earlier(until, now.now_ms + look_ms);
        if (os_wait(handles, 3, look_at_ms, &ready).code || ready & ~1U || hear_stop(wrapper))
            return;
        os_clock(&now);
    }
}

static void ask_first(struct wrapper *wrapper)
{
    if (os_signals_take_key())
        wrapper->interrupted = true; /* it ended the ward before we heard of it */
    else
        ask_leftovers(wrapper);
}

static bool fell(struct wrapper *wrapper)
{
    struct clock_reading now;
    os_clock(&now);
    ledger_begin(&wrapper->ledger);
    if (wrapper->reaper.ward_exited)
        escalation_ask(&wrapper->escalation, TRIGGER_WARD_DEAD, now.now_ms);
    /* What another guard has felled is looked through again: we know our children. */
    if (!wrapper_leaves_fall(wrapper)) {
        ask_first(wrapper);
        pact_advance(&wrapper->scope, CLAIM_FELLING);
    }
    if (wrapper->scope.reaper != 0)
        return fall_as_parent(&wrapper->scope, &wrapper->reaper, wrapper->signals,
                              &wrapper->ledger);
    bool complete = fall_as_stranger(&wrapper->scope, &wrapper->ledger);
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
    return error.code == ERROR_NOT_FOUND ? 127 : 126;
}

static int finish(struct wrapper *wrapper, bool complete)
{
    bool reports = wrapper_may_report(wrapper);
    complete = complete && !wrapper->incomplete_elsewhere;
    wrapper_dismiss(wrapper);
    job_end(wrapper);
    if (reports)
        outcome_report(wrapper, &wrapper->ledger, wrapper->escalation.trigger, complete, "wrapper");
    uint32_t status = outcome_status(wrapper, complete);
    ledger_done(&wrapper->ledger);
    scope_done(&wrapper->scope);
    return (int)job_status(wrapper, status);
}

/* Said here: the subject is the setting's. */
static bool settings_are_sane(const struct run_settings *settings)
{
    struct error error = ERROR_OK;
    const char *subject = NULL;
    if (settings->isolate && settings->keep.count > 0)
        error = error_make(ERROR_USAGE, 0, "keep a program with --isolate",
                           "the kernel ends all of a pid namespace: leave one of the two out");
    for (size_t i = 0; i < settings->reports.count && !error.code; i++) {
        subject = settings->reports.items[i];
        error = publish_check(subject);
    }
    if (error.code)
        say_error(&error, subject);
    return !error.code;
}

/* Our part ended when the command was made: it has all of it, and is not to be kept open by us. */
static void leave_caller(const struct run_settings *settings)
{
    if (settings->stop_on_input_end)
        os_drop_inherited(STREAM_IN);
    else
        os_drop_inherited(settings->reports.count > 0 ? STREAM_OUT : STREAM_ERROR);
    if (!settings->stays_in_folder)
        os_leave_folder();
}

int run_supervise(const struct run_settings *settings)
{
    static struct wrapper wrapper;
    if (!settings_are_sane(settings))
        return STATUS_FAILURE;
    wrapper_init(&wrapper, settings);
    struct error error = wrapper_arm(&wrapper);
    if (!error.code)
        error = os_spawn_release(&wrapper.child);
    if (error.code)
        return give_up(&wrapper, error);
    wrapper_identify_ward(&wrapper);
    leave_caller(settings);
    supervise(&wrapper);
    error = os_spawn_fault(&wrapper.child);
    if (error.code)
        return give_up(&wrapper, error);
    return finish(&wrapper, fell(&wrapper));
}
