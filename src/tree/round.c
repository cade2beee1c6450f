#include "tree/round.h"

#include "tree/find.h"
#include "tree/keep.h"

void round_add(struct round *round, enum os_strike strike)
{
    round->struck += strike == STRIKE_SENT;
    round->unreached += strike != STRIKE_SENT && strike != STRIKE_GONE;
    round->refused +=
        strike == STRIKE_DENIED || strike == STRIKE_FILTERED || strike == STRIKE_REFUSED;
}

void round_strike_branded(void *context, const struct process_row *row)
{
    struct round *round = context;
    struct scope *scope = round->scope;
    struct member member = {*row, ROUTE_BRAND};
    if (!brands_cover(&scope->brands, row) || protected_has(&scope->protected, row->id))
        return;
    /* A process that /proc does not show (hidepid, no descriptor left) is struck without a name. */
    if (round->ledger->wanted)
        os_process_row(row->id.pid, &member.row);
    if (member.row.state != PROCESS_DEAD)
        round_add(round, strike_member(scope, &member, os_signal_kill(), round->ledger));
}

/* A process whose row cannot be read is killed all the same, and noted without a name. */
static void note_contained(void *context, int32_t pid)
{
    struct ledger *ledger = context;
    struct member member = {.row.id.pid = pid, .route = os_container_route()};
    struct error error = os_process_row(pid, &member.row);
    if (pid == 0)
        ledger_drop(ledger); /* in another pid namespace: it has no number here */
    else if (error.code != ERROR_GONE && member.row.state != PROCESS_DEAD)
        ledger_note(ledger, &member, os_signal_kill(), OUTCOME_FELL, NULL);
}

bool round_is_contained(const struct scope *scope)
{
    return scope->container.handle != OS_NO_HANDLE && scope->keep.count == 0;
}

bool round_list_container(const struct scope *scope, struct ledger *ledger)
{
    return !ledger->wanted || os_container_members(&scope->container, note_contained, ledger);
}

bool round_container_is_empty(const struct scope *scope)
{
    struct clock_reading now;
    if (scope->container.handle == OS_NO_HANDLE || scope->keep.count > 0)
        return true;
    os_clock(&now);
    return os_container_is_empty(&scope->container, now.now_ms + ROUND_QUIET_MS);
}

/* Notes the members left after the budget, each with its reason. Kept members are no survivors. */
static bool note_survivors(struct scope *scope, struct ledger *ledger)
{
    struct census census;
    size_t survivors = 0;
    census_init(&census);
    find_census(&census, scope, ledger);
    for (size_t i = 0; i < census.member_count; i++) {
        const struct member *member = &census.members[i];
        if (keep_spares(&member->row)) {
            strike_note_spared(member, ledger);
            survivors += member->row.kept_by == 0;
            continue;
        }
        struct os_proof proof = scope_proof(scope, member);
        enum os_strike strike = os_strike(&proof, os_signal_kill());
        if (strike == STRIKE_GONE)
            continue;
        survivors++;
        ledger_note(ledger, member, os_signal_kill(), OUTCOME_SURVIVED,
                    strike_reason(strike, member->row.state));
    }
    census_done(&census);
    return survivors == 0;
}

/* An empty census proves nothing about what it could not look at. */
bool round_conclude(struct scope *scope, struct ledger *ledger)
{
    ledger->wanted = true; /* survivors are reported even if no report is wanted */
    bool none = note_survivors(scope, ledger);
    if (none && !round_container_is_empty(scope))
        ledger_note_unseen(ledger, "a member of the cgroup: it may be in a pid namespace that "
                                   "cannot be seen from here");
    if (scope->lineage.births_lost || scope->lineage.births_behind)
        ledger_note_unseen(ledger, "orphans of the tree: fork events were lost, or came faster "
                                   "than they could be followed");
    return none && ledger->unseen_count == 0;
}
