#include "core/verdict.h"

#include "base/moment.h"

/* In the table: the state stays as it is. */
#define SAME STATE_COUNT

/* clang-format off */
#define STAY  {SAME, ACTION_NONE, TRIGGER_NONE}
#define LIVE  {STATE_WATCHING, ACTION_NONE, TRIGGER_NONE}
#define ANEW  {STATE_WATCHING, ACTION_EXCUSE, TRIGGER_NONE}
#define HOLD  {STATE_HELD, ACTION_EXCUSE, TRIGGER_NONE}
#define STOP  {STATE_STOPPING, ACTION_NONE, TRIGGER_NONE}
#define CLOSE {STATE_CLOSING, ACTION_NONE, TRIGGER_NONE}
#define FELL(why) {STATE_FALLING, ACTION_FELL, TRIGGER_##why}
#define STALE FELL(STALE)
#define GONE  FELL(HEARTBEAT_MISSING)
#define DEAD  FELL(WARD_DEAD)
#define LOST  FELL(GUARD_LOST)
#define LEFT  FELL(CALLER_DEAD)
#define LATE  FELL(TIMEOUT)
#define ASKED FELL(ASKED)
#define END   {STATE_DONE, ACTION_FINISH, TRIGGER_NONE}

/* A row has exactly one answer per state and the rows are counted: a missing cell does not compile.
 *
 * - A missing file triggers a kill even while the ward is held. No breakpoint removes a file, so
 *   somebody did: deleting the file is how a user without permission to signal the ward triggers
 *   the kill. A ward that stops or closes may remove its file.
 * - A stop outranks a hold, closing outranks a stop, and a kill outranks all.
 * - A budget that runs is never restarted, so repeated levels cannot stretch it.
 * - A beat after a stop request cancels the request. Otherwise a breakpoint an hour later would be
 *   killed because of an old interrupt. While STOPPING, the request is not answered unless the
 *   event says so: silence() ranks a stop before a hold and a hang.
 * - If the debugger goes away while STOPPING, nothing will resume the ward to clean up. */
#define ROWS(ROW) \
    /*                     watching held   stopping closing falling done */ \
    ROW(BEAT,              STAY,    LIVE,  LIVE,    STAY,   STAY,   STAY)   \
    ROW(STALE_RUNNING,     STALE,   ANEW,  STALE,   STAY,   STAY,   STAY)   \
    ROW(STALE_HELD,        HOLD,    STAY,  HOLD,    STAY,   STAY,   STAY)   \
    ROW(LINK_GONE,         LEFT,    LEFT,  ASKED,   STAY,   STAY,   STAY)   \
    ROW(HEARTBEAT_MISSING, GONE,    GONE,  STAY,    STAY,   STAY,   STAY)   \
    ROW(HOLD,              HOLD,    STAY,  HOLD,    STAY,   STAY,   STAY)   \
    ROW(HOLD_OVER,         ANEW,    ANEW,  STAY,    STAY,   STAY,   STAY)   \
    ROW(STOP_SEEN,         STOP,    STOP,  STAY,    STAY,   STAY,   STAY)   \
    ROW(CLOSING,           CLOSE,   CLOSE, CLOSE,   STAY,   STAY,   STAY)   \
    ROW(BUDGET_OUT,        STAY,    STAY,  ASKED,   ASKED,  STAY,   STAY)   \
    ROW(WARD_DEAD,         DEAD,    DEAD,  DEAD,    DEAD,   STAY,   STAY)   \
    ROW(GUARD_LOST,        LOST,    LOST,  LOST,    LOST,   STAY,   STAY)   \
    ROW(CALLER_DEAD,       LEFT,    LEFT,  LEFT,    LEFT,   STAY,   STAY)   \
    ROW(TIMEOUT,           LATE,    LATE,  LATE,    LATE,   STAY,   STAY)   \
    ROW(TRIPPED,           STALE,   STALE, STALE,   STALE,  STAY,   STAY)   \
    ROW(EXTENDED,          STAY,    STAY,  STAY,    STAY,   STAY,   STAY)   \
    ROW(DISARM,            END,     END,   END,     END,    STAY,   STAY)
/* clang-format on */

/* NOLINTBEGIN(bugprone-macro-parentheses): the arguments are initialisers */
#define CELLS(event, watching, held, stopping, closing, falling, done)                             \
    [EVENT_##event] = {                                                                            \
        [STATE_WATCHING] = watching, [STATE_HELD] = held,       [STATE_STOPPING] = stopping,       \
        [STATE_CLOSING] = closing,   [STATE_FALLING] = falling, [STATE_DONE] = done,               \
    },
#define ONE(...) +1
/* NOLINTEND(bugprone-macro-parentheses) */

static const struct verdict verdicts[EVENT_COUNT][STATE_COUNT] = {ROWS(CELLS)};
_Static_assert(0 ROWS(ONE) == EVENT_COUNT, "a row for every event, and no other");
_Static_assert(STATE_COUNT == 6, "CELLS names every state");

static int64_t budget_of(enum verdict_state state, const struct verdict_times *times)
{
    int64_t from_ms = times->now_ms;
    if (state == STATE_CLOSING && times->closing_until_ms > 0)
        return times->closing_until_ms;
    if (times->stop_seen_ms > 0) /* the stop may be noticed much later */
        from_ms = moment_earlier(times->stop_seen_ms, from_ms);
    return moment_after(from_ms, times->grace_ms);
}

static int64_t deadline_of(enum verdict_state from, enum verdict_state to,
                           const struct verdict_times *times)
{
    switch (to) {
    case STATE_WATCHING:
        return INT64_MAX;
    case STATE_HELD:
        return times->hold_until_ms;
    case STATE_STOPPING:
    case STATE_CLOSING:
        return moment_later(from == to ? times->deadline_ms : budget_of(to, times),
                            times->extended_until_ms);
    default:
        return from == to ? times->deadline_ms : INT64_MAX;
    }
}

struct verdict verdict_judge(enum verdict_state state, enum verdict_event event,
                             const struct verdict_times *times)
{
    struct verdict verdict = verdicts[event][state];
    if (verdict.state == SAME)
        verdict.state = state;
    verdict.deadline_ms = deadline_of(state, verdict.state, times);
    return verdict;
}

enum verdict_event verdict_overdue(enum verdict_state state, const struct verdict_times *times)
{
    if (state != STATE_HELD)
        return EVENT_BUDGET_OUT;
    bool is_held_again = times->hold_until_ms > times->now_ms && times->hold_until_ms != INT64_MAX;
    return is_held_again ? EVENT_HOLD : EVENT_HOLD_OVER;
}

static enum verdict_event silence(const struct verdict_facts *facts)
{
    if (facts->stop_seen)
        return EVENT_STOP_SEEN;
    if (facts->declared)
        return EVENT_HOLD;
    return facts->stopped || facts->suspended ? EVENT_STALE_HELD : EVENT_STALE_RUNNING;
}

/* A page is never lost. If the ward is held and has not beaten yet, the silence has a known reason,
 * so the heartbeat is stale and not missing. */
static enum heartbeat_age excused_age(enum verdict_state state, const struct verdict_facts *facts)
{
    bool held = facts->stopped || facts->suspended || facts->declared || state == STATE_HELD;
    return facts->lasting && held && facts->age == HEARTBEAT_MISSING ? HEARTBEAT_STALE : facts->age;
}

enum verdict_event verdict_event(enum verdict_state state, const struct verdict_facts *facts)
{
    if (facts->closing)
        return EVENT_CLOSING;
    if (facts->suspended && facts->link_gone)
        return EVENT_LINK_GONE;
    switch (excused_age(state, facts)) {
    case HEARTBEAT_STALE:
        return silence(facts);
    case HEARTBEAT_MISSING:
        return facts->stop_seen ? EVENT_STOP_SEEN : EVENT_HEARTBEAT_MISSING;
    case HEARTBEAT_AWAITED: /* a suspended process gets no startup grace */
        return facts->stop_seen && facts->suspended ? EVENT_STOP_SEEN : EVENT_BEAT;
    case HEARTBEAT_FRESH:
        break;
    }
    return EVENT_BEAT;
}
