#include "sentinel/watchdog.h"

#include "sentinel/upkeep.h"
#include "tree/lookout.h"
#include "tree/pact.h"

const struct beat_page *watchdog_page(const struct beats *beats)
{
    return beats->source == BEATS_PAGE ? beats->page : NULL;
}

static bool ward_is_suspended(const struct sentinel *sentinel)
{
    struct process_row row;
    int32_t pid = sentinel->scope->ward.id.pid;
    bool is_over = sentinel->heir.look_ms != 0; /* the number may be another process's */
    if (is_over || !sentinel->plan.hold_when_stopped || os_process_row(pid, &row).code)
        return false;
    return row.state == PROCESS_STOPPED || row.state == PROCESS_TRACED ||
           os_process_tracer(pid) != 0;
}

/* What the ward wrote into the page, if it beats there. */
static void read_page(const struct sentinel *sentinel, struct verdict_facts *facts, int64_t now_ms)
{
    const struct beat_page *page = watchdog_page(&sentinel->beats);
    if (!page)
        return;
    facts->lasting = true;
    facts->suspended = page->suspended != 0;
    facts->link_gone = page->link_gone != 0;
    facts->declared = page->hold_until_ms > now_ms;
    facts->stop_seen = page->stop_seen_ms != 0 && page->stop_seen_ms >= page->beat_ms;
    facts->closing = page->closing_until_ms != 0;
}

bool watchdog_admit_users(struct sentinel *sentinel)
{
    struct brand_proof proof = brands_proof(&sentinel->scope->brands);
    return beats_admit(&sentinel->beats, proof.users, proof.user_count);
}

/* Whether a ward of root's has become another user since the last look. */
static bool finds_user(struct sentinel *sentinel)
{
    if (os_user() != 0 || sentinel->beats.source == BEATS_PAGE)
        return false;
    lookout_refresh(sentinel->scope);
    return watchdog_admit_users(sentinel);
}

/* A user that was not allowed to beat until now is not to blame for the silence. */
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
    watchdog_admit_users(sentinel);
    beats_look(&sentinel->beats, &seen);
    enum heartbeat_age age = heartbeat_look(&sentinel->heartbeat, &seen, now);
    bool is_silent = age == HEARTBEAT_STALE || age == HEARTBEAT_MISSING;
    return is_silent && finds_user(sentinel) ? look_again(sentinel, now) : age;
}

void watchdog_look(struct sentinel *sentinel, const struct clock_reading *now)
{
    struct verdict_facts facts = {.age = age_of_beats(sentinel, now)};
    facts.closing = sentinel->beats.stopping;
    if (facts.age == HEARTBEAT_STALE ||
        (facts.age == HEARTBEAT_MISSING && sentinel->beats.source == BEATS_PAGE))
        facts.stopped = ward_is_suspended(sentinel);
    read_page(sentinel, &facts, now->now_ms);
    sentinel_apply(sentinel, verdict_event(sentinel->state, &facts), now);
}

/* A datagram is proven by the sender's brand. If the sender has already exited (systemd-notify
 * --no-block), or the tree has no brand, its user is enough, because the socket's name cannot be
 * guessed. */
static bool is_proven(const struct scope *scope, const struct notify_message *message)
{
    struct brand_pair pair;
    if (scope->brands.count == 0 || os_brand_get(message->sender, &pair).code)
        return brands_have_user(&scope->brands, message->uid);
    return brands_mark(&scope->brands, message->sender);
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
    if (brands_have_user(&scope->brands, message->uid) ||
        sentinel->upkeep.early_looks >= UPKEEP_EARLY_LOOKS)
        return false;
    sentinel->upkeep.early_looks++; /* a full look shows whether the tree has become this user */
    lookout_refresh(scope);
    return is_proven(scope, message);
}

bool watchdog_rests(const struct sentinel *sentinel)
{
    return sentinel->state == STATE_FALLING || pact_claim(sentinel->scope).stage != CLAIM_OPEN;
}

/* As in sd_notify(3), the extension applies to the phase under way: the start, the run or the
 * stop. */
static void extend(struct sentinel *sentinel, int64_t until_ms, const struct clock_reading *now)
{
    const struct channel_message longer = {.kind = MESSAGE_EXTEND, .value = until_ms};
    heartbeat_extend(&sentinel->heartbeat, until_ms);
    sentinel_apply(sentinel, EVENT_EXTENDED, now);
    if (watchdog_rests(sentinel) && sentinel->wrapper.handle != OS_NO_HANDLE)
        os_channel_send(sentinel->channel, &longer);
}

/* Handles the ward's requests other than beats. */
static void take_wishes(struct sentinel *sentinel, const struct clock_reading *now)
{
    struct beats *beats = &sentinel->beats;
    if (beats->delay_ms > 0)
        heartbeat_retime(&sentinel->heartbeat, beats->delay_ms, now);
    if (beats->extend_ms > now->now_ms)
        extend(sentinel, beats->extend_ms, now);
    beats->delay_ms = beats->extend_ms = 0;
}

void watchdog_hear(struct sentinel *sentinel, bool ready, const struct clock_reading *now)
{
    struct beats *beats = &sentinel->beats;
    if (beats->source == BEATS_NONE || sentinel->state == STATE_FALLING)
        return;
    if (ready)
        beats_receive(beats, is_member, sentinel, now->now_ms);
    take_wishes(sentinel, now);
    if (watchdog_rests(sentinel))
        return;
    if (beats->trigger) {
        sentinel_apply(sentinel, EVENT_TRIPPED, now);
    } else if ((ready && (beats->source != BEATS_NOTIFY || beats->stopping)) ||
               now->now_ms >= heartbeat_next_look(&sentinel->heartbeat)) {
        watchdog_look(sentinel, now);
    }
}

int64_t watchdog_next_look(struct sentinel *sentinel)
{
    if (sentinel->beats.source == BEATS_NONE || watchdog_rests(sentinel))
        return INT64_MAX;
    return heartbeat_next_look(&sentinel->heartbeat);
}
