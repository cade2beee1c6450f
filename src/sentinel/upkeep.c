#include "sentinel/upkeep.h"

#include "base/moment.h"
#include "sentinel/sentinel.h"
#include "sentinel/watchdog.h"
#include "tree/births.h"
#include "tree/lookout.h"

/* Daemons anywhere on the machine cause early looks, so their number is limited. */
static void event_told(void *context, const struct os_event *event)
{
    struct sentinel *sentinel = context;
    bool seen = event->kind == OS_EVENT_USER ? lookout_user(sentinel->scope, event->pid)
                                             : lookout_session(sentinel->scope, event->pid);
    if (!seen)
        sentinel->upkeep.look_early = sentinel->upkeep.early_looks < UPKEEP_EARLY_LOOKS;
}

int64_t upkeep_slack(const struct sentinel *sentinel)
{
    return sentinel->upkeep.refresh_gap_ms / 2;
}

/* False if events were lost. */
static bool hear_events(struct sentinel *sentinel)
{
    if (sentinel->scope->lineage.births != OS_NO_HANDLE)
        return births_read(sentinel->scope);
    return os_events_read(sentinel->upkeep.events, event_told, sentinel) != OS_EVENTS_LOST;
}

/* Not before the ward is known: until then the ward inherits whatever the wrapper has. */
static void settle(struct sentinel *sentinel)
{
    if (!sentinel->calls.settled || sentinel->scope->ward.id.pid == 0)
        return;
    sentinel->calls.settled(sentinel->calls.context);
    sentinel->calls.settled = NULL;
}

void upkeep_do(struct sentinel *sentinel, bool told, const struct clock_reading *now)
{
    if (told && !hear_events(sentinel))
        sentinel->upkeep.look_early = true;
    watchdog_admit_users(sentinel);
    bool due = now->now_ms >= sentinel->upkeep.refresh_ms - upkeep_slack(sentinel);
    if (!due && !sentinel->upkeep.look_early)
        return;
    lookout_refresh(sentinel->scope);
    watchdog_admit_users(sentinel);
    if (sentinel->calls.partner_lost && sentinel->partner.handle == OS_NO_HANDLE)
        sentinel->calls.partner_lost(
            sentinel->calls.context); /* the previous attempt to start a partner failed */
    sentinel->upkeep.look_early = false;
    sentinel->upkeep.early_looks = due ? 0 : sentinel->upkeep.early_looks + 1;
    settle(sentinel);
    if (!due)
        return;
    sentinel->upkeep.refresh_gap_ms =
        moment_earlier(2 * sentinel->upkeep.refresh_gap_ms, sentinel->plan.kill_delay_ms);
    sentinel->upkeep.refresh_ms = moment_after(now->now_ms, sentinel->upkeep.refresh_gap_ms);
}
