#include "tree/fall.h"

#include "tree/births.h"
#include "tree/census.h"
#include "tree/keep.h"
#include "tree/pact.h"

/* A process that was struck is given this long to end before it is struck again. */
#define QUIET_MS 20
/* Passes in a row that could not see all: a failure that lasts is not waited out. */
#define BLIND_AT_MOST 3
#define TOO_QUICK                                                                                  \
    "members of the tree: they fork and exit faster than they can be signalled; use a cgroup or "  \
    "--isolate"
#define STRUCK_BLINDLY                                                                             \
    "orphans of the tree: their parents were killed while a part of the process table could not "  \
    "be read"
/* Passes in a row that find nothing to strike; more where nothing is struck at sight. */
#define PASSES         2
#define SPARING_PASSES 4
/* So long between two looks at what is no child of ours. */
#define REST_MS       2
#define FEW_NUMBERS   1024
#define REFUSED_MS    1000
#define NEWBORN_TURNS 16

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

static const char *reason_of(enum os_strike strike, enum process_state state)
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

/* In the first round what it passes signals on to is killed, and the relay then ends by itself. */
static bool is_relay_to_wait(const struct scope *scope, int32_t pid, const struct ledger *ledger)
{
    return ledger->rounds <= 1 && relays_have(&scope->relays, pid);
}

static void note_spared(const struct member *member, struct ledger *ledger)
{
    bool kept = member->row.kept_by != 0;
    ledger_note(ledger, member, 0, kept ? OUTCOME_KEPT : OUTCOME_SURVIVED,
                kept ? KEEP_REASON : KEEP_UNTOLD);
}

/* One to keep counts as gone. */
static enum os_strike strike_member(struct scope *scope, const struct member *member, int signal,
                                    struct ledger *ledger)
{
    if (keep_spares(&member->row)) {
        note_spared(member, ledger);
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
                outcome == OUTCOME_SURVIVED ? reason_of(strike, member->row.state) : NULL);
    return strike;
}

/* A member in another pid namespace may have no parent here that could name it, and no number; the
 * cgroup counts it. One that was killed counts until it is through its exit. */
static bool is_container_empty(const struct scope *scope)
{
    struct clock_reading now;
    if (scope->container.handle == OS_NO_HANDLE || scope->keep_count > 0)
        return true;
    os_clock(&now);
    return os_container_is_empty(&scope->container, now.now_ms + QUIET_MS);
}

/* ---- by the subreaper ---- */

struct parent_fall {
    struct scope *scope;
    struct reaper *reaper;
    struct ledger *ledger;
    os_handle signals;
    size_t struck;    /* in this round */
    size_t unreached; /* in this round: alive, and not to be signalled */
    size_t refused;   /* of these, for a reason that does not pass */
    int64_t refused_until_ms;
    bool overflows; /* the container was not empty when there were no children any more */
};

static void add(struct parent_fall *fall, enum os_strike strike)
{
    fall->struck += strike == STRIKE_SENT;
    fall->unreached += strike != STRIKE_SENT && strike != STRIKE_GONE;
    fall->refused +=
        strike == STRIKE_DENIED || strike == STRIKE_FILTERED || strike == STRIKE_REFUSED;
}

/* A branded row costs no file: the brand, read again behind the handle, is the proof. */
static void strike_branded(void *context, const struct process_row *row)
{
    struct parent_fall *fall = context;
    struct scope *scope = fall->scope;
    struct member member = {*row, ROUTE_BRAND};
    if (!scope_covers(scope, row) || scope_spares(scope, row->id))
        return;
    /* One that /proc does not show (hidepid, no descriptor left) is struck without a name. */
    if (fall->ledger->wanted)
        os_process_row(row->id.pid, &member.row);
    if (member.row.state != PROCESS_DEAD)
        add(fall, strike_member(scope, &member, os_signal_kill(), fall->ledger));
}

/* By its number alone: a child that is not reaped keeps it. */
static void strike_nameless_child(struct parent_fall *fall, int32_t pid)
{
    const struct member member = {.row.id.pid = pid, .route = ROUTE_SUBREAPER};
    if (is_relay_to_wait(fall->scope, pid, fall->ledger)) {
        add(fall, STRIKE_SENT);
        return;
    }
    enum os_strike strike = os_strike_child(pid, os_signal_kill());
    add(fall, strike);
    if (strike != STRIKE_GONE)
        ledger_note(fall->ledger, &member, strike == STRIKE_SENT ? os_signal_kill() : 0,
                    outcome_of(strike), reasons[strike]);
}

/* Children without our brand: orphans that a privileged program made new limits for. */
static void strike_children(struct parent_fall *fall)
{
    int32_t pids[512];
    size_t count = os_children(pids, sizeof pids / sizeof *pids);
    for (size_t i = 0; i < count; i++) {
        struct member member = {{.id.pid = pids[i]}, ROUTE_SUBREAPER};
        if (scope_spares(fall->scope, member.row.id))
            continue;
        if (!fall->ledger->wanted || os_process_row(pids[i], &member.row).code)
            strike_nameless_child(fall, pids[i]);
        else if (member.row.state != PROCESS_DEAD)
            add(fall, strike_member(fall->scope, &member, os_signal_kill(), fall->ledger));
    }
}

/* One whose row cannot be read falls all the same: without a name. */
static void note_contained(void *context, int32_t pid)
{
    struct ledger *ledger = context;
    struct member member = {.row.id.pid = pid, .route = os_container_route()};
    struct error error = os_process_row(pid, &member.row);
    if (pid == 0)
        ledger_drop(ledger); /* of another pid namespace: it has no number here */
    else if (error.code != ERROR_GONE && member.row.state != PROCESS_DEAD)
        ledger_note(ledger, &member, os_signal_kill(), OUTCOME_FELL, NULL);
}

static bool is_contained(const struct scope *scope)
{
    return scope->container.handle != OS_NO_HANDLE && scope->keep_count == 0;
}

/* For the report the members are listed while they live. False when they could not be. */
static bool list_container(const struct scope *scope, struct ledger *ledger)
{
    return !ledger->wanted || os_container_members(&scope->container, note_contained, ledger);
}

static void strike_round(struct parent_fall *fall)
{
    struct scope *scope = fall->scope;
    bool contained = is_contained(scope) && (fall->ledger->rounds == 0 || fall->overflows);
    bool listed = contained && list_container(scope, fall->ledger) && !fall->overflows;
    fall->struck = fall->unreached = fall->refused = 0;
    fall->ledger->rounds++;
    /* What was not listed is struck one by one, which lists it, and the container ends the rest. */
    if (!listed) {
        if (scope->brand_count > 0)
            os_scan(SCAN_BRANDS, strike_branded, fall);
        strike_children(fall);
    }
    if (contained)
        fall->struck += !os_container_kill(&scope->container).code;
}

/* Until all that was struck is reaped, or nothing ends any more. */
static enum os_reaped reap_struck(struct parent_fall *fall, int64_t budget_ms)
{
    size_t goal = fall->reaper->reaped + (fall->struck ? fall->struck : 1);
    enum os_reaped result;
    while ((result = reaper_take(fall->reaper)) == REAPED_NONE_NOW && fall->reaper->reaped < goal) {
        struct clock_reading now;
        struct os_signal unused;
        uint32_t ready = 0;
        os_clock(&now);
        int64_t until = now.now_ms + QUIET_MS;
        os_wait(&fall->signals, 1, until < budget_ms ? until : budget_ms, &ready);
        if (ready == 0)
            break;
        while (os_signals_read(fall->signals, &unused))
            ;
    }
    return result;
}

static struct error take_census(struct census *census, struct scope *scope, struct ledger *ledger)
{
    struct error error = census_take(census, scope);
    if (error.code)
        ledger_note_unseen(ledger, "a part of the process table: no memory or descriptor was left "
                                   "to read it");
    return error;
}

/* What is left after the budget, with its reason; kept ones are no survivors. */
static bool note_survivors(struct scope *scope, struct ledger *ledger)
{
    struct census census;
    size_t survivors = 0;
    census_init(&census);
    take_census(&census, scope, ledger);
    for (size_t i = 0; i < census.member_count; i++) {
        const struct member *member = &census.members[i];
        if (keep_spares(&member->row)) {
            note_spared(member, ledger);
            survivors += member->row.kept_by == 0;
            continue;
        }
        struct os_proof proof = scope_proof(scope, member);
        enum os_strike strike = os_strike(&proof, os_signal_kill());
        if (strike == STRIKE_GONE)
            continue;
        survivors++;
        ledger_note(ledger, member, os_signal_kill(), OUTCOME_SURVIVED,
                    reason_of(strike, member->row.state));
    }
    census_done(&census);
    return survivors == 0;
}

/* An empty census proves nothing of what it could not look at. */
static bool conclude(struct scope *scope, struct ledger *ledger)
{
    ledger->wanted = true; /* who survives is said where no report is wanted, too */
    bool none = note_survivors(scope, ledger);
    if (none && !is_container_empty(scope))
        ledger_note_unseen(ledger, "a member of the cgroup: it may be in a pid namespace that "
                                   "cannot be seen from here");
    if (scope->births_lost || scope->births_behind)
        ledger_note_unseen(ledger, "orphans of the tree: fork events were lost, or came faster "
                                   "than they could be followed");
    return none && ledger->unseen_count == 0;
}

static bool give_up(struct parent_fall *fall)
{
    bool none = conclude(fall->scope, fall->ledger);
    if (none)
        ledger_note_unseen(fall->ledger, "children of treefall: they could not be listed");
    return false;
}

/* With nothing struck, the child that is left is a guard. */
static bool only_spared_left(const struct parent_fall *fall)
{
    return fall->struck == 0 && fall->scope->guard_adopted;
}

/* What may not be signalled ends by itself in a second, such as what a killed relay had started, or
 * is not waited for. */
static bool only_refused_left(struct parent_fall *fall, int64_t now_ms)
{
    if (fall->struck > 0 || fall->refused == 0 || fall->refused < fall->unreached)
        fall->refused_until_ms = now_ms + REFUSED_MS;
    return now_ms >= fall->refused_until_ms;
}

/* A debugger keeps the dead that it traces as zombies which are not ours to reap: they could be
 * waited for for ever. */
static bool only_dead_left(const struct parent_fall *fall)
{
    int32_t pids[64];
    size_t most = sizeof pids / sizeof *pids;
    size_t count = os_children(pids, most);
    for (size_t i = 0; i < count; i++) {
        struct process_row row = {.id.pid = pids[i]};
        if (!scope_spares(fall->scope, row.id) && !os_process_row(pids[i], &row).code &&
            row.state != PROCESS_DEAD)
            return false;
    }
    return count > 0 && count < most;
}

/* All of a young tree has numbers behind the ward's, and they do not come round in a second: a
 * command that is over at once does not pay for a pass over the whole table. */
static void scan_brands(struct parent_fall *fall)
{
    struct clock_reading now;
    int32_t newest = os_process_newest();
    int32_t ward = fall->reaper->ward;
    os_clock(&now);
    if (now.now_ms - fall->reaper->ward_since_ms < 1000 && newest >= ward &&
        newest - ward <= FEW_NUMBERS)
        os_scan_numbers(ward, newest, strike_branded, fall);
    else
        os_scan(SCAN_BRANDS, strike_branded, fall);
}

/* What is no child of ours tells nothing when it ends. */
static void rest(const struct parent_fall *fall)
{
    struct clock_reading now;
    uint32_t ready;
    os_clock(&now);
    os_wait(&fall->signals, 1, now.now_ms + REST_MS, &ready);
}

/* No children are left. A daemon made in another pid namespace (nsenter, podman exec) became a
 * child of that one's init: the other routes are asked as well. */
static bool is_proven_empty(struct parent_fall *fall)
{
    fall->overflows = !is_container_empty(fall->scope);
    if (fall->overflows)
        return false;
    fall->struck = fall->unreached = 0;
    if (fall->scope->brand_count > 0)
        scan_brands(fall);
    if (fall->struck + fall->unreached == 0)
        return true;
    rest(fall);
    return false;
}

static bool end_as_parent(struct scope *scope, struct reaper *reaper, os_handle signals,
                          struct ledger *ledger)
{
    struct parent_fall fall = {
        .scope = scope, .reaper = reaper, .ledger = ledger, .signals = signals};
    struct clock_reading now;
    os_clock(&now);
    int64_t budget_ms = now.now_ms + FALL_BUDGET_MS;
    fall.refused_until_ms = now.now_ms + REFUSED_MS;
    int dead_rounds = 0; /* a pass sees what it sees: the second one in a row is believed */
    while (reaper_take(reaper) != REAPED_NO_CHILDREN || !is_proven_empty(&fall)) {
        os_clock(&now);
        if (now.now_ms >= budget_ms)
            return give_up(&fall);
        pact_progress(scope);
        strike_round(&fall);
        if (reap_struck(&fall, budget_ms) == REAPED_NO_CHILDREN)
            continue;
        dead_rounds = only_dead_left(&fall) ? dead_rounds + 1 : 0;
        if (dead_rounds == 2 || only_spared_left(&fall) || only_refused_left(&fall, now.now_ms))
            return conclude(scope, ledger);
    }
    return true;
}

/* ---- by anyone else ---- */

/* Waits for one of those that were struck: the others mostly end meanwhile. */
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
    /* Of a nameless one there is no identity to prove, and nothing is done to it. */
    if ((id.start ? os_process_open(id, &last) : os_process_watch(id.pid, &last)).code)
        return;
    os_clock(&now);
    os_wait(&last.handle, 1, now.now_ms + QUIET_MS, &ready);
    os_process_close(&last);
}

/* What became of the members of one census. */
struct strikes {
    size_t struck;
    size_t missed; /* alive when it was listed, gone when it was to be struck: it may have forked */
};

static struct strikes strike_all(struct scope *scope, const struct census *census, int signal,
                                 struct ledger *ledger)
{
    struct strikes strikes = {0};
    for (size_t i = 0; i < census->member_count; i++) {
        const struct process_row *row = &census->members[i].row;
        enum os_strike strike = strike_member(scope, &census->members[i], signal, ledger);
        /* All of the container are killed at once, but where some are kept. */
        bool at_once = row->contained && scope->keep_count == 0;
        strikes.struck += strike == STRIKE_SENT;
        strikes.missed += strike == STRIKE_GONE && !at_once && row->kept_by == 0;
    }
    return strikes;
}

/* Nothing but a census tells whom a kept one started. */
static bool is_told_by_brand(const struct scope *scope)
{
    return scope->brand_count > 0 && scope->keep_count == 0;
}

/* A member that goes on in a child of its own and ends, again and again, is gone when a census is
 * over: it is struck where it is seen. */
static size_t strike_at_sight(struct scope *scope, struct ledger *ledger)
{
    struct parent_fall fall = {.scope = scope, .ledger = ledger};
    if (is_told_by_brand(scope))
        os_scan(SCAN_BRANDS, strike_branded, &fall);
    return fall.struck;
}

/* One call ends all of them: noted before, as nothing says afterwards who it was. */
static void end_container(struct scope *scope, const struct census *census, struct ledger *ledger)
{
    if (!is_contained(scope))
        return;
    for (size_t i = 0; i < census->member_count; i++)
        if (census->members[i].row.contained)
            ledger_note(ledger, &census->members[i], os_signal_kill(), OUTCOME_FELL, NULL);
    if (!census->whole)
        list_container(scope, ledger);
    os_container_kill(&scope->container);
}

/* A listing is read in pieces: a member that went on in a child while its piece was looked at is in
 * no listing. That child got a number that was given out meanwhile, as its next one will. */
static size_t strike_newborn(struct scope *scope, struct ledger *ledger, int32_t since)
{
    struct parent_fall fall = {.scope = scope, .ledger = ledger};
    int32_t newest = os_process_newest();
    for (int turn = 0; turn < NEWBORN_TURNS && newest != since && is_told_by_brand(scope); turn++) {
        bool came_round = newest < since;
        if (came_round)
            os_scan_numbers(since + 1, since + FEW_NUMBERS, strike_branded, &fall);
        os_scan_numbers(came_round ? 2 : since + 1, newest, strike_branded, &fall);
        since = newest;
        newest = os_process_newest();
    }
    return fall.struck;
}

/* A pass sees what it sees: only the second one in a row that finds nothing to strike is the end.
 */
static bool end_as_stranger(struct scope *scope, struct ledger *ledger)
{
    struct census census;
    struct clock_reading now;
    int quiet = 0;
    int passes = scope->keep_count > 0 ? SPARING_PASSES : PASSES;
    int blind = 0;
    struct strikes strikes = {0};
    census_init(&census);
    os_clock(&now);
    int64_t budget_ms = now.now_ms + FALL_BUDGET_MS;
    while (quiet < passes && blind < BLIND_AT_MOST && now.now_ms < budget_ms) {
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
        bool passed = struck + strikes.missed == 0 && census.whole && !scope->births_behind;
        quiet = passed && is_container_empty(scope) ? quiet + 1 : 0;
        os_clock(&now);
    }
    if (strikes.missed > 0)
        ledger_note_unseen(ledger, TOO_QUICK);
    bool empty = quiet >= passes && census.member_count == 0 && !scope->births_lost &&
                 ledger->unseen_count == 0;
    census_done(&census);
    return empty || conclude(scope, ledger);
}

bool fall_as_stranger(struct scope *scope, struct ledger *ledger)
{
    bool complete = end_as_stranger(scope, ledger);
    ledger_settle(ledger);
    return complete;
}

bool fall_as_parent(struct scope *scope, struct reaper *reaper, os_handle signals,
                    struct ledger *ledger)
{
    bool keeps = scope->keep_count > 0;
    bool complete =
        keeps ? end_as_stranger(scope, ledger) : end_as_parent(scope, reaper, signals, ledger);
    if (keeps)
        reaper_take(reaper);
    ledger_settle(ledger);
    return complete;
}

/* Those of other groups are taken out of the census. */
static void keep_group(struct census *census, int32_t group)
{
    size_t kept = 0;
    for (size_t i = 0; i < census->member_count; i++)
        if (census->members[i].row.group == group)
            census->members[kept++] = census->members[i];
    census->member_count = kept;
}

static size_t ask(struct scope *scope, int32_t group, int signal, struct ledger *ledger)
{
    struct census census;
    census_init(&census);
    census_take(&census, scope);
    if (group != 0)
        keep_group(&census, group);
    size_t reached = strike_all(scope, &census, signal, ledger).struck;
    census_done(&census);
    return reached;
}

size_t fall_ask_all(struct scope *scope, int signal, struct ledger *ledger)
{
    return ask(scope, 0, signal, ledger);
}

size_t fall_ask_group(struct scope *scope, int32_t group, int signal, struct ledger *ledger)
{
    return ask(scope, group, signal, ledger);
}

/* With --isolate the ward is treefall's init, which outlives the command. */
static bool is_init(const struct scope *scope, const struct process_row *row)
{
    return scope->guarantee.routes[ROUTE_PIDNS].armed && process_is_same(scope->ward.id, row->id);
}

/* Rows that a census has sorted and marked. */
static bool is_head(const struct census *census, const struct scope *scope,
                    const struct process_row *row)
{
    const struct process_row *parent = tree_parent(census->rows, census->row_count, row);
    return !parent || parent->mark < 0 || parent->state == PROCESS_DEAD || is_init(scope, parent);
}

static bool is_to_be_asked(const struct census *census, const struct scope *scope,
                           const struct process_row *row, bool heads_alone)
{
    return !is_init(scope, row) && !scope_has_asked(scope, row->id) &&
           (!heads_alone || is_head(census, scope, row));
}

bool fall_ask_rest(struct scope *scope, bool heads_alone, int signal, struct ledger *ledger)
{
    struct census census;
    census_init(&census);
    census_take(&census, scope);
    for (size_t i = 0; i < census.member_count; i++) {
        const struct member *member = &census.members[i];
        if (is_to_be_asked(&census, scope, &member->row, heads_alone) &&
            strike_member(scope, member, signal, ledger) == STRIKE_SENT)
            scope_note_asked(scope, member->row.id);
    }
    census_done(&census);
    return scope->asked_count > 0;
}

bool fall_keeps_ward(const struct scope *scope)
{
    struct process_row row = {0};
    return scope->keep_count > 0 &&
           (os_process_row(scope->ward.id.pid, &row).code || keep_names(scope, &row) != KEEP_NO);
}

bool fall_signal_ward(struct scope *scope, int signal, struct ledger *ledger)
{
    struct member ward = {.row.id = scope->ward.id, .route = ROUTE_LINEAGE};
    bool known = ledger->wanted && !os_process_row(scope->ward.id.pid, &ward.row).code;
    if (fall_keeps_ward(scope))
        return false;
    bool sent = os_strike_handle(&scope->ward, signal) == STRIKE_SENT;
    if (sent && known)
        ledger_note(ledger, &ward, signal, OUTCOME_FELL, NULL);
    return sent;
}

void fall_step(struct scope *scope, struct ending *ending, enum ending_step step,
               struct ledger *ledger)
{
    if (step == STEP_KILL)
        fall_signal_ward(scope, os_signal_kill(), ledger);
    if (step != STEP_ASK_HEADS && step != STEP_ASK_REST)
        return;
    if (!fall_ask_rest(scope, step == STEP_ASK_HEADS, ending->signal, ledger))
        ending_force(ending, ending->trigger);
}

size_t fall_find(struct scope *scope, struct ledger *ledger)
{
    struct census census;
    size_t found = 0;
    census_init(&census);
    take_census(&census, scope, ledger);
    for (size_t i = 0; i < census.member_count; i++) {
        const struct member *member = &census.members[i];
        if (keep_spares(&member->row))
            note_spared(member, ledger);
        else
            ledger_note(ledger, member, 0, OUTCOME_FOUND, NULL);
        found += member->row.kept_by == 0;
    }
    census_done(&census);
    return found;
}

bool fall_finds_none(struct scope *scope)
{
    struct ledger unwanted = {0};
    return fall_find(scope, &unwanted) == 0 && unwanted.unseen_count == 0;
}
