#include "sentinel/sentinel.h"

#include "base/moment.h"
#include "sentinel/deputy.h"
#include "sentinel/felling.h"
#include "tree/arm.h"
#include "tree/births.h"
#include "tree/lookout.h"
#include "tree/pact.h"

/* A young tree changes quickly: the first looks come soon, then further and further apart. */
#define FIRST_REFRESH_MS 20
/* Looks out of turn, between two in turn. */
#define EARLY_LOOKS_AT_MOST 8

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

/* A ward that beats in a page says there when it was asked to stop: we may notice much later. */
static int64_t budget_from(const struct sentinel *sentinel, int64_t now_ms)
{
    const struct beat_page *page = sentinel->beats.page;
    if (sentinel->beats.source != BEATS_PAGE || page->stop_seen_ms == 0)
        return now_ms;
    return moment_earlier(page->stop_seen_ms, now_ms);
}

static void apply(struct sentinel *sentinel, enum verdict_event event,
                  const struct clock_reading *now)
{
    struct verdict verdict = verdict_judge(sentinel->state, event);
    sentinel->state = verdict.state;
    switch (verdict.action) {
    case ACTION_NONE:
        break;
    case ACTION_WATCH:
    case ACTION_HOLD:
        heartbeat_excuse(&sentinel->heartbeat, now);
        break;
    case ACTION_START_BUDGET:
        sentinel->budget_ms =
            moment_after(budget_from(sentinel, now->now_ms), sentinel->plan.grace_ms);
        if (sentinel->state == STATE_CLOSING && sentinel->closing_until_ms > 0)
            sentinel->budget_ms = sentinel->closing_until_ms;
        else if (sentinel->budget_ms < sentinel->heartbeat.extended_until_ms)
            sentinel->budget_ms = sentinel->heartbeat.extended_until_ms;
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

/* ---- what a look at the heartbeat means ---- */

static bool ward_is_suspended(const struct sentinel *sentinel)
{
    struct process_row row;
    int32_t pid = sentinel->scope->ward.id.pid;
    bool is_over = sentinel->heir.look_ms != 0; /* its number may be another's */
    if (is_over || !sentinel->plan.hold_when_stopped || os_process_row(pid, &row).code)
        return false;
    return row.state == PROCESS_STOPPED || row.state == PROCESS_TRACED ||
           os_process_tracer(pid) != 0;
}

/* What the ward itself wrote into the page, if it beats there. */
static void read_page(struct sentinel *sentinel, struct verdict_facts *facts, int64_t now_ms)
{
    const struct beat_page *page = sentinel->beats.page;
    if (sentinel->beats.source != BEATS_PAGE)
        return;
    facts->suspended = page->suspended != 0;
    facts->link_gone = page->link_gone != 0;
    facts->declared = page->hold_until_ms > now_ms;
    facts->stop_seen = page->stop_seen_ms != 0 && page->stop_seen_ms >= page->beat_ms;
    facts->closing = page->closing_until_ms != 0;
    if (facts->closing && sentinel->state != STATE_CLOSING)
        sentinel->closing_until_ms = page->closing_until_ms;
}

/* A page is never lost: of a ward that has not beaten yet, too, it is known why it is silent. */
static void excuse_first_beat(const struct sentinel *sentinel, struct verdict_facts *facts)
{
    bool held = facts->stopped || facts->suspended || facts->declared;
    if (sentinel->beats.source == BEATS_PAGE && facts->age == HEARTBEAT_MISSING &&
        (held || sentinel->state == STATE_HELD))
        facts->age = HEARTBEAT_STALE;
}

/* A hold with an end: silence counts from there, not from whenever we look next. */
static void time_hold(struct sentinel *sentinel, const struct verdict_facts *facts)
{
    if (sentinel->state == STATE_HELD || sentinel->state == STATE_WATCHING)
        sentinel->budget_ms = sentinel->state == STATE_HELD && facts->declared
                                  ? sentinel->beats.page->hold_until_ms
                                  : INT64_MAX;
}

/* The users that the tree has become, as far as they are known. */
static bool admit_users(struct sentinel *sentinel)
{
    struct brand_proof proof = scope_brand_proof(sentinel->scope);
    return beats_admit(&sentinel->beats, proof.users, proof.user_count);
}

/* A ward of root's that became another user since the last look. */
static bool finds_user(struct sentinel *sentinel)
{
    if (os_user() != 0 || sentinel->beats.source == BEATS_PAGE)
        return false;
    lookout_refresh(sentinel->scope);
    return admit_users(sentinel);
}

/* Who could not beat until now is silent without fault. */
static enum heartbeat_age look_again(struct sentinel *sentinel, const struct clock_reading *now)
{
    struct beat_observation seen;
    beats_look(&sentinel->beats, &seen);
    if (seen.kind != BEAT_LOST)
        heartbeat_excuse(&sentinel->heartbeat, now);
    return heartbeat_look(&sentinel->heartbeat, &seen, now);
}

static enum heartbeat_age age_of_beats(struct sentinel *sentinel, const struct clock_reading *now)
{
    struct beat_observation seen;
    admit_users(sentinel);
    beats_look(&sentinel->beats, &seen);
    enum heartbeat_age age = heartbeat_look(&sentinel->heartbeat, &seen, now);
    bool is_silent = age == HEARTBEAT_STALE || age == HEARTBEAT_MISSING;
    return is_silent && finds_user(sentinel) ? look_again(sentinel, now) : age;
}

static void look_at_beats(struct sentinel *sentinel, const struct clock_reading *now)
{
    struct verdict_facts facts = {.age = age_of_beats(sentinel, now)};
    facts.closing = sentinel->beats.stopping;
    if (facts.age == HEARTBEAT_STALE ||
        (facts.age == HEARTBEAT_MISSING && sentinel->beats.source == BEATS_PAGE))
        facts.stopped = ward_is_suspended(sentinel);
    read_page(sentinel, &facts, now->now_ms);
    excuse_first_beat(sentinel, &facts);
    apply(sentinel, verdict_event(&facts), now);
    time_hold(sentinel, &facts);
}

/* By brand; a sender that is gone already (systemd-notify --no-block), or a tree without a brand,
 * by its user: the socket's name cannot be guessed. */
static bool is_proven(const struct scope *scope, const struct notify_message *message)
{
    struct brand_pair pair;
    if (scope->brand_count == 0 || os_brand_get(message->sender, &pair).code)
        return scope_has_user(scope, message->uid);
    return scope_is_branded(scope, message->sender);
}

static bool is_member(void *context, const struct notify_message *message)
{
    struct sentinel *sentinel = context;
    struct scope *scope = sentinel->scope;
    if (message->sender <= 0)
        return false;
    if (message->sender == scope->ward.id.pid && !os_process_ended(&scope->ward))
        return true;
    if (is_proven(scope, message))
        return true;
    if (scope_has_user(scope, message->uid) || sentinel->early_looks >= EARLY_LOOKS_AT_MOST)
        return false;
    sentinel->early_looks++; /* a look tells whether the tree has become this user */
    lookout_refresh(scope);
    return is_proven(scope, message);
}

/* Once the tree is being ended, silence is legitimate: the grace has its own end. */
static bool rests(const struct sentinel *sentinel)
{
    return sentinel->state == STATE_FALLING || pact_claim(sentinel->scope).stage != CLAIM_OPEN;
}

/* As sd_notify(3) has it: of whatever is under way, the start, the run or the stop. */
static void extend(struct sentinel *sentinel, int64_t until_ms)
{
    const struct channel_message longer = {.kind = MESSAGE_EXTEND, .value = until_ms};
    heartbeat_extend(&sentinel->heartbeat, until_ms);
    if (sentinel->state == STATE_CLOSING && sentinel->budget_ms < until_ms)
        sentinel->budget_ms = until_ms;
    if (rests(sentinel) && has(sentinel->wrapper.handle))
        os_channel_send(sentinel->channel, &longer);
}

/* What the ward asks for beside its beats. */
static void take_wishes(struct sentinel *sentinel, const struct clock_reading *now)
{
    struct beats *beats = &sentinel->beats;
    if (beats->delay_ms > 0)
        heartbeat_retime(&sentinel->heartbeat, beats->delay_ms, now);
    if (beats->extend_ms > now->now_ms)
        extend(sentinel, beats->extend_ms);
    beats->delay_ms = beats->extend_ms = 0;
}

static void hear_beats(struct sentinel *sentinel, bool ready, const struct clock_reading *now)
{
    struct beats *beats = &sentinel->beats;
    if (beats->source == BEATS_NONE || sentinel->state == STATE_FALLING)
        return;
    if (ready)
        beats_receive(beats, is_member, sentinel, now->now_ms);
    take_wishes(sentinel, now);
    if (rests(sentinel))
        return;
    if (beats->trigger) {
        apply(sentinel, EVENT_TRIPPED, now);
    } else if ((ready && (beats->source != BEATS_NOTIFY || beats->stopping)) ||
               now->now_ms >= heartbeat_next_look(&sentinel->heartbeat)) {
        look_at_beats(sentinel, now);
    }
}

/* ---- the other sources ---- */

/* The daemons of the whole machine call for a look out of turn: there are only so many. */
static void event_told(void *context, const struct os_event *event)
{
    struct sentinel *sentinel = context;
    bool seen = event->kind == OS_EVENT_USER ? lookout_user(sentinel->scope, event->pid)
                                             : lookout_session(sentinel->scope, event->pid);
    if (!seen)
        sentinel->look_early = sentinel->early_looks < EARLY_LOOKS_AT_MOST;
}

/* A look at the tree comes a little early or late to go with one at the beats: one wake-up for
 * both. */
static int64_t refresh_slack(const struct sentinel *sentinel)
{
    return sentinel->refresh_gap_ms / 2;
}

static int64_t next_look(struct sentinel *sentinel)
{
    if (sentinel->beats.source == BEATS_NONE || rests(sentinel))
        return INT64_MAX;
    return heartbeat_next_look(&sentinel->heartbeat);
}

/* False if some were lost. */
static bool hear_events(struct sentinel *sentinel)
{
    if (has(sentinel->scope->births))
        return births_read(sentinel->scope);
    return os_events_read(sentinel->events, event_told, sentinel) != OS_EVENTS_LOST;
}

/* Not before there is a ward: what the wrapper has is the ward's as well. */
static void settle(struct sentinel *sentinel)
{
    if (!sentinel->settled || sentinel->scope->ward.id.pid == 0)
        return;
    sentinel->settled(sentinel->context);
    sentinel->settled = NULL;
}

static void keep_lookout(struct sentinel *sentinel, bool told, const struct clock_reading *now)
{
    if (told && !hear_events(sentinel))
        sentinel->look_early = true;
    admit_users(sentinel);
    bool due = now->now_ms >= sentinel->refresh_ms - refresh_slack(sentinel);
    if (!due && !sentinel->look_early)
        return;
    lookout_refresh(sentinel->scope);
    admit_users(sentinel);
    if (sentinel->partner_lost && !has(sentinel->partner.handle))
        sentinel->partner_lost(sentinel->context); /* the last time it could not be started */
    sentinel->look_early = false;
    sentinel->early_looks = due ? 0 : sentinel->early_looks + 1;
    settle(sentinel);
    if (!due)
        return;
    sentinel->refresh_gap_ms =
        moment_earlier(2 * sentinel->refresh_gap_ms, sentinel->plan.kill_delay_ms);
    sentinel->refresh_ms = moment_after(now->now_ms, sentinel->refresh_gap_ms);
}

/* Guards that have a pact share their handles: the reserve waits for this one, too, and a number
 * that is free is another file's a moment later. */
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
            apply(sentinel, EVENT_GUARD_LOST, now);
        else if (!sentinel->acts)
            felling_begin(sentinel, now->now_ms);
    } else if (ready & 1u << AT_WARD && sentinel->leads && !heir_await(sentinel, now->now_ms)) {
        apply(sentinel, EVENT_WARD_DEAD, now);
    }
}

static void look_for_heir(struct sentinel *sentinel, const struct clock_reading *now)
{
    enum heir_news news = HEIR_NONE;
    if (sentinel->state != STATE_FALLING)
        news = heir_look(sentinel, now->now_ms);
    if (news == HEIR_GONE)
        apply(sentinel, EVENT_WARD_DEAD, now);
    if (news != HEIR_TAKEN)
        return;
    heartbeat_excuse(&sentinel->heartbeat, now);
    if (sentinel->succeeded)
        sentinel->succeeded(sentinel->context);
}

/* What another guard has to do is done here when it has not begun within a second; what it has
 * begun is followed. */
static void stand_in(struct sentinel *sentinel, uint32_t ready, const struct clock_reading *now)
{
    uint32_t stirs = 1u << AT_CALLER | 1u << AT_LATE | 1u << AT_FIRST |
                     (deputy_ward_counts(sentinel) ? 1u << AT_WARD : 0);
    struct claim claim = pact_claim(sentinel->scope);
    bool elsewhere = pact_is_elsewhere(sentinel->scope);
    if (elsewhere && claim_is_over(&claim)) {
        sentinel->state = STATE_DONE;
        return;
    }
    bool follows = claim.stage != CLAIM_ASKING || ready & 1u << AT_LATE ||
                   (sentinel->first_counts && os_process_ended(&sentinel->first));
    if (elsewhere && follows && sentinel->state != STATE_FALLING) {
        sentinel->state = STATE_FALLING;
        sentinel->trigger = claim.trigger;
        sentinel->budget_ms = INT64_MAX;
    }
    enum verdict_event event = deputy_look(sentinel, (ready & stirs) != 0, now->now_ms);
    struct verdict verdict = {.action = ACTION_NONE};
    if (event != EVENT_COUNT)
        verdict = verdict_judge(sentinel->state, event);
    if (verdict.action == ACTION_FELL) {
        sentinel->trigger = verdict.trigger;
        felling_begin(sentinel, now->now_ms);
    }
}

static void hear_signals(struct sentinel *sentinel, const struct clock_reading *now)
{
    struct os_signal signal;
    while (os_signals_read(sentinel->signals, &signal))
        if (os_signal_stops(&signal))
            apply(sentinel, EVENT_DISARM, now);
}

static void check_budget(struct sentinel *sentinel, const struct clock_reading *now)
{
    if (now->now_ms >= sentinel->budget_ms && sentinel->state == STATE_STOPPING)
        look_at_beats(sentinel, now); /* it may have answered meanwhile */
    if (sentinel->state == STATE_FALLING) {
        if (!sentinel->judges)
            felling_go_on(sentinel, now->now_ms);
        return;
    }
    if (now->now_ms < sentinel->budget_ms)
        return;
    sentinel->budget_ms = INT64_MAX;
    if (sentinel->state == STATE_HELD && sentinel->beats.source == BEATS_PAGE &&
        sentinel->beats.page->hold_until_ms > now->now_ms)
        sentinel->budget_ms = sentinel->beats.page->hold_until_ms; /* held anew meanwhile */
    else
        apply(sentinel, sentinel->state == STATE_HELD ? EVENT_HOLD_OVER : EVENT_BUDGET_OUT, now);
}

/* Read before the handle says that the ward lives, it is the ward's. Of a dead one nothing is to be
 * found any more: no process has started at the end of time. */
static struct process_identity identity_of(const struct os_process *ward)
{
    struct process_row row = {.id = ward->id};
    os_process_row(ward->id.pid, &row);
    if (os_process_ended(ward))
        row.id.start = UINT64_MAX;
    return row.id;
}

/* A sentinel of `run` starts before the ward's process is there. The wrapper tells of it before it
 * lets the ward run. */
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
        stand_in(sentinel, ready, now);
    if (ready & 1u << AT_PARTNER && sentinel->state != STATE_DONE)
        sentinel->partner_lost(sentinel->context);
    if (ready & 1u << AT_SIGNALS)
        hear_signals(sentinel, now);
    if (sentinel->state != STATE_DONE)
        hear_beats(sentinel, ready & 1u << AT_BEATS, now);
    if (sentinel->state != STATE_DONE)
        check_budget(sentinel, now);
    if (sentinel->state != STATE_DONE)
        keep_lookout(sentinel, ready & 1u << AT_EVENTS, now);
    if (sentinel->state != STATE_DONE && deputy_is_relieved(sentinel)) {
        sentinel->relieved = true;
        sentinel->state = STATE_DONE;
    }
}

/* What we have to do in time: another guard waits for the alarm. */
static void promise(struct sentinel *sentinel)
{
    int64_t by_ms = moment_earlier(next_look(sentinel), sentinel->budget_ms);
    bool looks = !rests(sentinel) && sentinel->beats.source != BEATS_NONE;
    if (!sentinel->acts)
        pact_promise(sentinel->scope, looks ? by_ms : OS_FOREVER);
    os_alarm_set(sentinel->alarm, looks ? moment_after(by_ms, PACT_PATIENCE_MS) : OS_FOREVER);
    deputy_publish(sentinel);
}

static int64_t next_turn(struct sentinel *sentinel)
{
    int64_t look_ms = next_look(sentinel);
    int64_t refresh_ms = sentinel->refresh_ms;
    if (look_ms > refresh_ms && look_ms - refresh_ms <= refresh_slack(sentinel))
        refresh_ms = look_ms;
    if (sentinel->state != STATE_FALLING)
        refresh_ms = moment_earlier(refresh_ms, heir_next_look(&sentinel->heir));
    return moment_earlier(moment_earlier(moment_earlier(sentinel->budget_ms, refresh_ms), look_ms),
                          sentinel->concern_ms);
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
    handles[AT_FIRST] = deputy_hears_first(sentinel) ? sentinel->first.handle : OS_NO_HANDLE;
    handles[AT_EVENTS] = sentinel->events;
    /* A file is not looked at once the tree ends: it would stay ready and the loop would turn. */
    bool reads = sentinel->state != STATE_FALLING &&
                 (!rests(sentinel) || sentinel->beats.source == BEATS_NOTIFY);
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
        .events = OS_NO_HANDLE,
        .beats = {.nudge = OS_NO_HANDLE},
        .deadline_ms = OS_FOREVER,
        .caller = OS_NO_HANDLE,
        .first = {.handle = OS_NO_HANDLE},
        .alarm = OS_NO_HANDLE,
        .concern_ms = INT64_MAX,
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
        sentinel->scope->births = sentinel->events;
    sentinel->state = STATE_WATCHING;
    sentinel->budget_ms = INT64_MAX;
    sentinel->refresh_gap_ms = FIRST_REFRESH_MS;
    sentinel->refresh_ms = moment_after(now.now_ms, FIRST_REFRESH_MS);
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
    sentinel->relieved = false;
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
    /* What stands there before we attest is an earlier run's, or of a ward that runs already and
     * may lose its file at any moment from then on. */
    os_clock(&now);
    hear_beats(sentinel, false, &now);
    promise(sentinel);
    if (sentinel->attested)
        sentinel->attested(sentinel->context);
    keep_watch(sentinel);
    return sentinel->failure.code != ERROR_NONE;
}

/* ---- by another guard ---- */

int sentinel_deputise(struct sentinel *sentinel)
{
    sentinel->settled = NULL;
    sentinel->relieved = false;
    sentinel->ending.phase = ENDING_NONE;
    sentinel->state = STATE_WATCHING;
    sentinel->concern_ms = 0; /* the others have had their second */
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
    hear_beats(sentinel, sentinel->beats.source == BEATS_NOTIFY, now);
    check_budget(sentinel, now);
    if (sentinel->state == STATE_FALLING)
        return sentinel->trigger;
    sentinel_next_look(sentinel);
    deputy_publish(sentinel);
    return TRIGGER_NONE;
}

int64_t sentinel_next_look(struct sentinel *sentinel)
{
    return moment_earlier(next_look(sentinel), sentinel->budget_ms);
}
