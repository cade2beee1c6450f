#include "tree/strike.h"

#include "tree/keep.h"

static const char *const reasons[] = {
    [STRIKE_SENT] = NULL,
    [STRIKE_DENIED] =
        "it belongs to another user: the kernel refused the signal; run treefall as root",
    [STRIKE_UNPROVEN] = "its identity could not be proven, so it was not touched",
    [STRIKE_STARVED] =
        "no descriptor or memory was left to reach it: raise the limit of open files "
        "(ulimit -n), or free some memory",
    [STRIKE_FILTERED] =
        "the system call that opens a process is denied: allow pidfd_open in the seccomp filter",
    [STRIKE_REFUSED] = "treefall never signals pid 1, itself or its ancestors",
    [STRIKE_DEAF] = "it has no window and shares its console, so it could not be asked to exit",
};

const char *strike_reason(enum os_strike strike, enum process_state state)
{
    if (reasons[strike])
        return reasons[strike];
    if (state == PROCESS_DISK)
        return "it waits in the kernel for a device (D state): it exits when the device answers";
    return "it was killed but has not exited yet";
}

static enum report_outcome outcome_of(enum os_strike strike)
{
    switch (strike) {
    case STRIKE_SENT:
        return OUTCOME_FELL;
    case STRIKE_GONE:
        return OUTCOME_GONE;
    case STRIKE_UNPROVEN:
    case STRIKE_DENIED:
    case STRIKE_STARVED:
    case STRIKE_FILTERED:
    case STRIKE_REFUSED:
    case STRIKE_DEAF:
        break;
    }
    return OUTCOME_SURVIVED;
}

static bool is_relay_to_wait(const struct scope *scope, int32_t pid, const struct ledger *ledger)
{
    return ledger->rounds <= 1 && relays_have(&scope->relays, pid);
}

void strike_note_spared(const struct member *member, struct ledger *ledger)
{
    bool kept = member->row.kept_by != 0;
    ledger_note(ledger, member, 0, kept ? OUTCOME_KEPT : OUTCOME_SURVIVED,
                kept ? KEEP_REASON : KEEP_UNTOLD);
}

enum os_strike strike_member(struct scope *scope, const struct member *member, int signal,
                             struct ledger *ledger)
{
    if (keep_spares(&member->row)) {
        strike_note_spared(member, ledger);
        return member->row.kept_by != 0 ? STRIKE_GONE : STRIKE_UNPROVEN;
    }
    bool forced = signal == os_signal_kill();
    if (forced && is_relay_to_wait(scope, member->row.id.pid, ledger))
        return STRIKE_SENT;
    struct os_proof proof = scope_proof(scope, member);
    enum os_strike strike = os_strike(&proof, signal);
    if (!forced && strike == STRIKE_SENT)
        relays_note(&scope->relays, &member->row);
    enum report_outcome outcome = outcome_of(strike);
    ledger_note(ledger, member, strike == STRIKE_SENT ? signal : 0, outcome,
                outcome == OUTCOME_SURVIVED ? strike_reason(strike, member->row.state) : NULL);
    return strike;
}

enum os_strike strike_nameless_child(const struct scope *scope, int32_t pid, struct ledger *ledger)
{
    const struct member member = {.row.id.pid = pid, .route = ROUTE_SUBREAPER};
    if (is_relay_to_wait(scope, pid, ledger))
        return STRIKE_SENT;
    enum os_strike strike = os_strike_child(pid, os_signal_kill());
    if (strike != STRIKE_GONE)
        ledger_note(ledger, &member, strike == STRIKE_SENT ? os_signal_kill() : 0,
                    outcome_of(strike), reasons[strike]);
    return strike;
}

struct strikes strike_all(struct scope *scope, const struct census *census, int signal,
                          struct ledger *ledger)
{
    struct strikes strikes = {0};
    for (size_t i = 0; i < census->member_count; i++) {
        const struct process_row *row = &census->members[i].row;
        enum os_strike strike = strike_member(scope, &census->members[i], signal, ledger);
        /* The container kills all its members at once, except with --keep. */
        bool at_once = row->contained && scope->keep.count == 0;
        strikes.struck += strike == STRIKE_SENT;
        strikes.missed += strike == STRIKE_GONE && !at_once && row->kept_by == 0;
    }
    return strikes;
}
