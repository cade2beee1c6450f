/* The kill by the tree's subreaper: its children are the proof. */
#include "tree/kill.h"
#include "tree/pact.h"
#include "tree/round.h"

#define REST_MS    2 /* between two looks at processes that are not our children */
#define REFUSED_MS 1000

struct parent_kill {
    struct round round;
    struct reaper *reaper;
    os_handle signals;
    int64_t refused_until_ms;
    bool overflows; /* no children were left, but the container was not empty */
};

/* Children without our brand: orphans whose limits a privileged program set anew. */
static void strike_children(struct parent_kill *kill)
{
    int32_t pids[512];
    size_t count = os_children(pids, sizeof pids / sizeof *pids);
    for (size_t i = 0; i < count; i++) {
        struct member member = {{.id.pid = pids[i]}, ROUTE_SUBREAPER};
        if (protected_has(&kill->round.scope->protected, member.row.id))
            continue;
        if (!kill->round.ledger->wanted || os_process_row(pids[i], &member.row).code)
            round_add(&kill->round,
                      strike_nameless_child(kill->round.scope, pids[i], kill->round.ledger));
        else if (member.row.state != PROCESS_DEAD)
            round_add(&kill->round, strike_member(kill->round.scope, &member, os_signal_kill(),
                                                  kill->round.ledger));
    }
}

static void strike_round(struct parent_kill *kill)
{
    struct scope *scope = kill->round.scope;
    bool contained =
        round_is_contained(scope) && (kill->round.ledger->rounds == 0 || kill->overflows);
    bool listed = contained && round_list_container(scope, kill->round.ledger) && !kill->overflows;
    kill->round.struck = kill->round.unreached = kill->round.refused = 0;
    kill->round.ledger->rounds++;
    /* Members that could not be listed are signalled one by one, which lists them. The container
     * kills the rest. */
    if (!listed) {
        if (scope->brands.count > 0)
            os_scan(SCAN_BRANDS, round_strike_branded, &kill->round);
        strike_children(kill);
    }
    if (contained)
        kill->round.struck += !os_container_kill(&scope->container).code;
}

/* Waits until all struck processes are reaped, or no more of them exit. */
static enum os_reaped reap_struck(struct parent_kill *kill, int64_t deadline_ms)
{
    size_t goal = kill->reaper->reaped + (kill->round.struck ? kill->round.struck : 1);
    enum os_reaped result;
    while ((result = reaper_take(kill->reaper)) == REAPED_NONE_NOW && kill->reaper->reaped < goal) {
        struct clock_reading now;
        struct os_signal unused;
        uint32_t ready = 0;
        os_clock(&now);
        int64_t until = now.now_ms + ROUND_QUIET_MS;
        os_wait(&kill->signals, 1, until < deadline_ms ? until : deadline_ms, &ready);
        if (ready == 0)
            break;
        while (os_signals_read(kill->signals, &unused))
            ;
    }
    return result;
}

static bool give_up(struct parent_kill *kill)
{
    bool none = round_conclude(kill->round.scope, kill->round.ledger);
    if (none)
        ledger_note_unseen(kill->round.ledger, "children of treefall: they could not be listed");
    return false;
}

/* If nothing was struck, the only child left is a guard. */
static bool only_spared_left(const struct parent_kill *kill)
{
    return kill->round.struck == 0 && kill->round.scope->guard_adopted;
}

/* A process that may not be signalled either exits by itself within a second, such as one that a
 * killed relay had started, or is not waited for. */
static bool only_refused_left(struct parent_kill *kill, int64_t now_ms)
{
    if (kill->round.struck > 0 || kill->round.refused == 0 ||
        kill->round.refused < kill->round.unreached)
        kill->refused_until_ms = now_ms + REFUSED_MS;
    return now_ms >= kill->refused_until_ms;
}

/* A debugger keeps the dead processes that it traces as zombies, which we cannot reap: waiting for
 * them could take for ever. */
static bool only_dead_left(const struct parent_kill *kill)
{
    int32_t pids[64];
    size_t most = sizeof pids / sizeof *pids;
    size_t count = os_children(pids, most);
    for (size_t i = 0; i < count; i++) {
        struct process_row row = {.id.pid = pids[i]};
        if (!protected_has(&kill->round.scope->protected, row.id) &&
            !os_process_row(pids[i], &row).code && row.state != PROCESS_DEAD)
            return false;
    }
    return count > 0 && count < most;
}

/* All processes of a young tree have numbers after the ward's, and numbers do not wrap around
 * within a second. So a command that exits at once does not pay for a pass over the whole table. */
static void scan_brands(struct parent_kill *kill)
{
    struct clock_reading now;
    int32_t newest = os_process_newest();
    int32_t ward = kill->reaper->ward;
    os_clock(&now);
    if (now.now_ms - kill->reaper->ward_since_ms < 1000 && newest >= ward &&
        newest - ward <= ROUND_FEW_NUMBERS)
        os_scan_numbers(ward, newest, round_strike_branded, &kill->round);
    else
        os_scan(SCAN_BRANDS, round_strike_branded, &kill->round);
}

/* A process that is not our child sends no signal when it exits, so look again after a moment. */
static void rest(const struct parent_kill *kill)
{
    struct clock_reading now;
    uint32_t ready;
    os_clock(&now);
    os_wait(&kill->signals, 1, now.now_ms + REST_MS, &ready);
}

/* No children are left. But a daemon made in another pid namespace (nsenter, podman exec) became a
 * child of that namespace's init, so the other routes are tried as well. */
static bool is_proven_empty(struct parent_kill *kill)
{
    kill->overflows = !round_container_is_empty(kill->round.scope);
    if (kill->overflows)
        return false;
    kill->round.struck = kill->round.unreached = 0;
    if (kill->round.scope->brands.count > 0)
        scan_brands(kill);
    if (kill->round.struck + kill->round.unreached == 0)
        return true;
    rest(kill);
    return false;
}

static bool end_as_parent(struct scope *scope, struct reaper *reaper, os_handle signals,
                          struct ledger *ledger)
{
    struct parent_kill kill = {
        .round = {.scope = scope, .ledger = ledger}, .reaper = reaper, .signals = signals};
    struct clock_reading now;
    os_clock(&now);
    int64_t deadline_ms = now.now_ms + KILL_BUDGET_MS;
    kill.refused_until_ms = now.now_ms + REFUSED_MS;
    int dead_rounds = 0; /* one pass may miss a process: believe the second in a row */
    while (reaper_take(reaper) != REAPED_NO_CHILDREN || !is_proven_empty(&kill)) {
        os_clock(&now);
        if (now.now_ms >= deadline_ms)
            return give_up(&kill);
        pact_progress(scope);
        strike_round(&kill);
        if (reap_struck(&kill, deadline_ms) == REAPED_NO_CHILDREN)
            continue;
        dead_rounds = only_dead_left(&kill) ? dead_rounds + 1 : 0;
        if (dead_rounds == 2 || only_spared_left(&kill) || only_refused_left(&kill, now.now_ms))
            return round_conclude(scope, ledger);
    }
    return true;
}

bool kill_as_parent(struct scope *scope, struct reaper *reaper, os_handle signals,
                    struct ledger *ledger)
{
    bool keeps = scope->keep.count > 0;
    bool complete =
        keeps ? kill_until_none(scope, ledger) : end_as_parent(scope, reaper, signals, ledger);
    if (keeps)
        reaper_take(reaper);
    ledger_settle(ledger);
    return complete;
}
