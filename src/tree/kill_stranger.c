/* The kill by a guard that is not the tree's subreaper: census, strike, repeat. */
#include "tree/births.h"
#include "tree/census.h"
#include "tree/keep.h"
#include "tree/kill.h"
#include "tree/pact.h"
#include "tree/round.h"

/* After so many passes in a row that could not see everything, the failure counts as lasting. */
#define BLIND_AT_MOST 3
#define TOO_QUICK                                                                                  \
    "members of the tree: they fork and exit faster than they can be signalled; use a cgroup or "  \
    "--isolate"
#define STRUCK_BLINDLY                                                                             \
    "orphans of the tree: their parents were killed while a part of the process table could not "  \
    "be read"
/* Passes in a row that must find nothing to strike. With --keep there are more, because nothing is
 * struck at sight. */
#define PASSES         2
#define SPARING_PASSES 4
#define NEWBORN_TURNS  16

/* Waits for one of the struck processes. Most of the others exit meanwhile. */
static void wait_for_last(const struct census *census)
{
    struct os_process last;
    struct clock_reading now;
    uint32_t ready;
    size_t count = census->member_count;
    while (count > 0 && keep_spares(&census->members[count - 1].row))
        count--;
    if (count == 0)
        return;
    const struct process_identity id = census->members[count - 1].row.id;
    /* A process without a start time has no identity to prove. Here it is only watched, not
     * signalled. */
    if ((id.start ? os_process_open(id, &last) : os_process_watch(id.pid, &last)).code)
        return;
    os_clock(&now);
    os_wait(&last.handle, 1, now.now_ms + ROUND_QUIET_MS, &ready);
    os_process_close(&last);
}

/* With --keep, only a census tells which processes a kept process started. */
static bool is_told_by_brand(const struct scope *scope)
{
    return scope->brands.count > 0 && scope->keep.count == 0;
}

/* A member that forks a child and exits, again and again, is gone when the census is complete. So
 * it is struck as soon as the scan sees it. */
static size_t strike_at_sight(struct scope *scope, struct ledger *ledger)
{
    struct round round = {.scope = scope, .ledger = ledger};
    if (is_told_by_brand(scope))
        os_scan(SCAN_BRANDS, round_strike_branded, &round);
    return round.struck;
}

/* One call kills all of them. They are noted first, because afterwards their rows are gone. */
static void end_container(struct scope *scope, const struct census *census, struct ledger *ledger)
{
    if (!round_is_contained(scope))
        return;
    for (size_t i = 0; i < census->member_count; i++)
        if (census->members[i].row.contained)
            ledger_note(ledger, &census->members[i], os_signal_kill(), OUTCOME_FELL, NULL);
    if (!census->whole)
        round_list_container(scope, ledger);
    os_container_kill(&scope->container);
}

/* A listing is read in pieces. A member that forked and exited while its piece was read is in no
 * listing. Its child has one of the numbers that were given out meanwhile, and so will the child's
 * own child. */
static size_t strike_newborn(struct scope *scope, struct ledger *ledger, int32_t since)
{
    struct round round = {.scope = scope, .ledger = ledger};
    int32_t newest = os_process_newest();
    for (int turn = 0; turn < NEWBORN_TURNS && newest != since && is_told_by_brand(scope); turn++) {
        bool came_round = newest < since;
        if (came_round)
            os_scan_numbers(since + 1, since + ROUND_FEW_NUMBERS, round_strike_branded, &round);
        os_scan_numbers(came_round ? 2 : since + 1, newest, round_strike_branded, &round);
        since = newest;
        newest = os_process_newest();
    }
    return round.struck;
}

/* One pass may miss a process. The tree is gone only when several passes in a row find nothing to
 * strike. */
bool kill_until_none(struct scope *scope, struct ledger *ledger)
{
    struct census census;
    struct clock_reading now;
    int quiet = 0;
    int passes = scope->keep.count > 0 ? SPARING_PASSES : PASSES;
    int blind = 0;
    struct strikes strikes = {0};
    census_init(&census);
    os_clock(&now);
    int64_t deadline_ms = now.now_ms + KILL_BUDGET_MS;
    while (quiet < passes && blind < BLIND_AT_MOST && now.now_ms < deadline_ms) {
        pact_progress(scope);
        int32_t newest = os_process_newest();
        size_t struck = strikes.missed > 0 ? strike_at_sight(scope, ledger) : 0;
        census_take(&census, scope);
        blind = census.whole ? 0 : blind + 1;
        ledger->rounds++;
        end_container(scope, &census, ledger);
        strikes = strike_all(scope, &census, os_signal_kill(), ledger);
        struck += strikes.struck + strike_newborn(scope, ledger, newest);
        if (struck > 0 && !census.whole && births_are_needed(scope))
            ledger_note_unseen(ledger, STRUCK_BLINDLY);
        if (struck > 0)
            wait_for_last(&census);
        bool passed = struck + strikes.missed == 0 && census.whole && !scope->lineage.births_behind;
        quiet = passed && round_container_is_empty(scope) ? quiet + 1 : 0;
        os_clock(&now);
    }
    if (strikes.missed > 0)
        ledger_note_unseen(ledger, TOO_QUICK);
    bool empty = quiet >= passes && census.member_count == 0 && !scope->lineage.births_lost &&
                 ledger->unseen_count == 0;
    census_done(&census);
    return empty || round_conclude(scope, ledger);
}

bool kill_as_stranger(struct scope *scope, struct ledger *ledger)
{
    bool complete = kill_until_none(scope, ledger);
    ledger_settle(ledger);
    return complete;
}
