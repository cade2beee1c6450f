#include "sentinel/sentinel.h"

#include "base/moment.h"
#include "sentinel/deputy.h"
#include "sentinel/felling.h"
#include "sentinel/upkeep.h"
#include "sentinel/watchdog.h"
#include "tree/arm.h"
#include "tree/births.h"
#include "tree/pact.h"

/* A young tree changes quickly: the first looks come soon, later ones further and further apart. */
#define FIRST_REFRESH_MS 20

enum {
    AT_DISMISSAL,
    AT_WRAPPER,
    AT_WARD,
    AT_EVENTS,
    AT_BEATS,
    AT_PARTNER,
    AT_SIGNALS,
    AT_CALLER,
    AT_LATE,
    AT_FIRST,
    AT_COUNT
};

static bool has(os_handle handle)
{
    return handle != OS_NO_HANDLE;
}

/* ---- one event, one verdict, one action ---- */

static struct verdict_times times_of(const struct sentinel *sentinel, int64_t now_ms)
{
    const struct beat_page *page = watchdog_page(&sentinel->beats);
    bool holds = page && page->hold_until_ms > now_ms;
    return (struct verdict_times){
        .now_ms = now_ms,
        .deadline_ms = sentinel->budget_ms,
        .grace_ms = sentinel->plan.grace_ms,
        .stop_seen_ms = page ? page->stop_seen_ms : 0,
        .closing_until_ms = page ? page->closing_until_ms : 0,
        .hold_until_ms = holds ? page->hold_until_ms : INT64_MAX,
        .extended_until_ms = sentinel->heartbeat.extended_until_ms,
    };
}

struct verdict sentinel_verdict(const struct sentinel *sentinel, enum verdict_event event,
                                int64_t now_ms)
{
    struct verdict_times times = times_of(sentinel, now_ms);
    return verdict_judge(sentinel->state, event, &times);
}

void sentinel_apply(struct sentinel *sentinel, enum verdict_event event,
                    const struct clock_reading *now)
{
    struct verdict verdict = sentinel_verdict(sentinel, event, now->now_ms);
    sentinel->state = verdict.state;
    sentinel->budget_ms = verdict.deadline_ms;
    switch (verdict.action) {
    case ACTION_NONE:
        break;
    case ACTION_EXCUSE:
        heartbeat_excuse(&sentinel->heartbeat, now);
        break;
    case ACTION_FELL:
        sentinel->trigger = verdict.trigger;
        if (!sentinel->judges && !felling_tell_wrapper(sentinel, now->now_ms))
            felling_begin(sentinel, now->now_ms);
        break;
    case ACTION_FINISH:
        sentinel->state = STATE_DONE;
        break;
    }
}

/* ---- the other sources ---- */

/* Guards that have a pact share their handles. The reserve waits for this handle too, and a number
 * that is closed may soon name another file. */
static void let_go(const struct scope *scope, struct os_process *process)
{
    if (scope->pact)
        process->handle = OS_NO_HANDLE;
    else
        os_process_close(process);
}

static void check_deaths(struct sentinel *sentinel, uint32_t ready, const struct clock_reading *now)
{
    if (ready & 1u << AT_WRAPPER) {
        let_go(sentinel->scope, &sentinel->wrapper);
        if (sentinel->state != STATE_FALLING)
            sentinel_apply(sentinel, EVENT_GUARD_LOST, now);
        else if (!sentinel->acts)
            felling_begin(sentinel, now->now_ms);
    } else if (ready & 1u << AT_WARD && sentinel->leads && !heir_await(sentinel, now->now_ms)) {
        sentinel_apply(sentinel, EVENT_WARD_DEAD, now);
    }
}

static void look_for_heir(struct sentinel *sentinel, const struct clock_reading *now)
{
    enum heir_news news = HEIR_NONE;
    if (sentinel->state != STATE_FALLING)
        news = heir_look(sentinel, now->now_ms);
    if (news == HEIR_GONE)
        sentinel_apply(sentinel, EVENT_WARD_DEAD, now);
    if (news != HEIR_TAKEN)
        return;
    heartbeat_excuse(&sentinel->heartbeat, now);
    if (sentinel->calls.succeeded)
        sentinel->calls.succeeded(sentinel->calls.context);
}

static void hear_signals(struct sentinel *sentinel, const struct clock_reading *now)
{
    struct os_signal signal;
    while (os_signals_read(sentinel->signals, &signal))
        if (os_signal_stops(&signal))
            sentinel_apply(sentinel, EVENT_DISARM, now);
}

static void check_budget(struct sentinel *sentinel, const struct clock_reading *now)
{
    if (now->now_ms >= sentinel->budget_ms && sentinel->state == STATE_STOPPING)
        watchdog_look(sentinel, now); /* the ward may have answered meanwhile */
    if (sentinel->state == STATE_FALLING) {
        if (!sentinel->judges)
            felling_go_on(sentinel, now->now_ms);
        return;
    }
    if (now->now_ms < sentinel->budget_ms)
        return;
    struct verdict_times times = times_of(sentinel, now->now_ms);
    sentinel_apply(sentinel, verdict_overdue(sentinel->state, &times), now);
}

/* The row is the ward's if the handle says afterwards that the ward lives. A dead ward has no row
 * any more: UINT64_MAX is a start time that no process has. */
static struct process_identity identity_of(const struct os_process *ward)
{
    struct process_row row = {.id = ward->id};
    os_process_row(ward->id.pid, &row);
    if (os_process_ended(ward))
        row.id.start = UINT64_MAX;
    return row.id;
}

/* A sentinel of `run` starts before the ward. The wrapper reports the ward before it lets the ward
 * run. */
static void learn_ward(struct sentinel *sentinel)
{
    struct scope *scope = sentinel->scope;
    struct channel_message message;
    bool closed;
    if (scope->ward.id.pid != 0 || !has(sentinel->channel))
        return;
    if (!pact_learn_ward(scope)) {
        if (!os_channel_read(sentinel->channel, &message, &closed) || message.kind != MESSAGE_WARD)
            return;
        scope->ward = (struct os_process){{(int32_t)message.detail, 0}, message.value};
    }
    scope->ward.id = identity_of(&scope->ward);
    if (scope->wire && os_wire_armed(scope->wire) == 0)
        scope_unarmed(scope, ROUTE_WIRE, WIRE_REFUSED);
}

/* ---- the loop ---- */

/* Whether something happened that another guard must handle. */
static bool stirs(const struct sentinel *sentinel, uint32_t ready)
{
    uint32_t which = 1u << AT_CALLER | 1u << AT_LATE | 1u << AT_FIRST;
    return ready & (deputy_ward_counts(sentinel) ? which | 1u << AT_WARD : which);
}

static void turn(struct sentinel *sentinel, uint32_t ready, const struct clock_reading *now)
{
    if (ready & 1u << AT_DISMISSAL)
        sentinel->state = STATE_DONE;
    learn_ward(sentinel);
    deputy_adopt(sentinel);
    if (sentinel->state != STATE_DONE)
        check_deaths(sentinel, ready, now);
    if (sentinel->state != STATE_DONE)
        look_for_heir(sentinel, now);
    if (sentinel->state != STATE_DONE && sentinel->scope->pact)
        deputy_stand_in(sentinel, ready & 1u << AT_LATE, stirs(sentinel, ready), now->now_ms);
    if (ready & 1u << AT_PARTNER && sentinel->state != STATE_DONE)
        sentinel->calls.partner_lost(sentinel->calls.context);
    if (ready & 1u << AT_SIGNALS)
        hear_signals(sentinel, now);
    if (sentinel->state != STATE_DONE)
        watchdog_hear(sentinel, ready & 1u << AT_BEATS, now);
    if (sentinel->state != STATE_DONE)
        check_budget(sentinel, now);
    if (sentinel->state != STATE_DONE)
        upkeep_do(sentinel, ready & 1u << AT_EVENTS, now);
    if (sentinel->state != STATE_DONE && deputy_is_relieved(sentinel)) {
        sentinel->deputy.relieved = true;
        sentinel->state = STATE_DONE;
    }
}

/* Sets the alarm for our next deadline: another guard waits for it. */
static void promise(struct sentinel *sentinel)
{
    int64_t by_ms = sentinel_next_look(sentinel);
    bool looks = !watchdog_rests(sentinel) && sentinel->beats.source != BEATS_NONE;
    if (!sentinel->acts)
        pact_promise(sentinel->scope, looks ? by_ms : OS_FOREVER);
    os_alarm_set(sentinel->alarm, looks ? moment_after(by_ms, PACT_PATIENCE_MS) : OS_FOREVER);
    deputy_publish(sentinel);
}

static int64_t next_turn(struct sentinel *sentinel)
{
    int64_t look_ms = watchdog_next_look(sentinel);
    int64_t refresh_ms = sentinel->upkeep.refresh_ms;
    if (look_ms > refresh_ms && look_ms - refresh_ms <= upkeep_slack(sentinel))
        refresh_ms = look_ms;
    if (sentinel->state != STATE_FALLING)
        refresh_ms = moment_earlier(refresh_ms, heir_next_look(&sentinel->heir));
    return moment_earlier(moment_earlier(moment_earlier(sentinel->budget_ms, refresh_ms), look_ms),
                          sentinel->deputy.concern_ms);
}

static bool hears_ward(const struct sentinel *sentinel)
{
    return deputy_hears_ward(sentinel) ||
           (sentinel->leads && sentinel->heir.look_ms == 0 && sentinel->state != STATE_FALLING);
}

static void fill_handles(const struct sentinel *sentinel, os_handle *handles)
{
    handles[AT_DISMISSAL] = sentinel->dismissal;
    handles[AT_PARTNER] = sentinel->partner.handle;
    handles[AT_SIGNALS] = sentinel->signals;
    handles[AT_WRAPPER] = sentinel->wrapper.handle;
    handles[AT_WARD] = hears_ward(sentinel) ? sentinel->scope->ward.handle : OS_NO_HANDLE;
    deputy_handles(sentinel, &handles[AT_CALLER], &handles[AT_LATE]);
    handles[AT_FIRST] = deputy_hears_first(sentinel) ? sentinel->deputy.first.handle : OS_NO_HANDLE;
    handles[AT_EVENTS] = sentinel->upkeep.events;
    /* Once the tree is being ended, a file is not watched: its handle would stay ready and the loop
     * would spin. */
    bool reads = sentinel->state != STATE_FALLING &&
                 (!watchdog_rests(sentinel) || sentinel->beats.source == BEATS_NOTIFY);
    handles[AT_BEATS] = reads ? beats_handle(&sentinel->beats) : OS_NO_HANDLE;
}

void sentinel_init(struct sentinel *sentinel, struct scope *scope)
{
    *sentinel = (struct sentinel){
        .scope = scope,
        .wrapper = {.handle = OS_NO_HANDLE},
        .channel = OS_NO_HANDLE,
        .dismissal = OS_NO_HANDLE,
        .partner = {.handle = OS_NO_HANDLE},
        .signals = OS_NO_HANDLE,
        .alarm = OS_NO_HANDLE,
        .beats = {.nudge = OS_NO_HANDLE},
        .deputy = {.deadline_ms = OS_FOREVER,
                   .caller = OS_NO_HANDLE,
                   .first = {.handle = OS_NO_HANDLE},
                   .concern_ms = INT64_MAX},
        .upkeep = {.events = OS_NO_HANDLE},
    };
}

void sentinel_follow(struct sentinel *sentinel, const struct plan *plan)
{
    sentinel->plan = *plan;
    sentinel->ending = plan_ending(plan);
}

static void start(struct sentinel *sentinel)
{
    struct clock_reading now;
    os_clock(&now);
    heartbeat_arm(&sentinel->heartbeat, sentinel->plan.kill_delay_ms,
                  sentinel->plan.startup_grace_ms, &now);
    if (sentinel->ward_began_ms != 0)
        heartbeat_ward_began(&sentinel->heartbeat, sentinel->ward_began_ms);
    if (births_are_needed(sentinel->scope))
        sentinel->scope->lineage.births = sentinel->upkeep.events;
    sentinel->state = STATE_WATCHING;
    sentinel->budget_ms = INT64_MAX;
    sentinel->upkeep.refresh_gap_ms = FIRST_REFRESH_MS;
    sentinel->upkeep.refresh_ms = moment_after(now.now_ms, FIRST_REFRESH_MS);
    deputy_adopt(sentinel);
}

void sentinel_tidy(void *context)
{
    (void)context;
    os_leftovers_remove();
}

void sentinel_replace(struct sentinel *sentinel)
{
    struct clock_reading now;
    os_clock(&now);
    learn_ward(sentinel);
    let_go(sentinel->scope, &sentinel->wrapper);
    sentinel->trigger = TRIGGER_GUARD_LOST;
    sentinel->deputy.relieved = false;
    felling_begin(sentinel, now.now_ms);
}

static void keep_watch(struct sentinel *sentinel)
{
    os_handle handles[AT_COUNT];
    struct clock_reading now;
    uint32_t ready;
    while (sentinel->state != STATE_DONE) {
        fill_handles(sentinel, handles);
        promise(sentinel);
        sentinel->failure = os_wait(handles, AT_COUNT, next_turn(sentinel), &ready);
        if (sentinel->failure.code)
            return;
        os_clock(&now);
        turn(sentinel, ready, &now);
    }
}

int sentinel_run(struct sentinel *sentinel)
{
    struct clock_reading now;
    start(sentinel);
    /* What the first look finds before we attest belongs to an earlier run. Or it belongs to a ward
     * that runs already, which may lose its file at any moment from then on. */
    os_clock(&now);
    watchdog_hear(sentinel, false, &now);
    promise(sentinel);
    if (sentinel->calls.attested)
        sentinel->calls.attested(sentinel->calls.context);
    keep_watch(sentinel);
    return sentinel->failure.code != ERROR_NONE;
}

/* ---- by another guard ---- */

int sentinel_deputise(struct sentinel *sentinel)
{
    sentinel->calls.settled = NULL;
    sentinel->deputy.relieved = false;
    sentinel->ending.phase = ENDING_NONE;
    sentinel->state = STATE_WATCHING;
    sentinel->deputy.concern_ms = 0; /* the other guards have had their second */
    deputy_adopt(sentinel);
    keep_watch(sentinel);
    return sentinel->failure.code != ERROR_NONE;
}

enum trigger sentinel_judge(struct sentinel *sentinel, const struct clock_reading *now)
{
    if (sentinel->beats.source == BEATS_NONE)
        return TRIGGER_NONE;
    sentinel->judges = true;
    deputy_adopt(sentinel);
    watchdog_hear(sentinel, sentinel->beats.source == BEATS_NOTIFY, now);
    check_budget(sentinel, now);
    if (sentinel->state == STATE_FALLING)
        return sentinel->trigger;
    sentinel_next_look(sentinel);
    deputy_publish(sentinel);
    return TRIGGER_NONE;
}

int64_t sentinel_next_look(struct sentinel *sentinel)
{
    return moment_earlier(watchdog_next_look(sentinel), sentinel->budget_ms);
}
