#include "tree/step.h"

#include "tree/ask.h"
#include "tree/keep.h"

bool step_keeps_ward(const struct scope *scope)
{
    struct process_row row = {0};
    return scope->keep.count > 0 &&
           (os_process_row(scope->ward.id.pid, &row).code || keep_names(scope, &row) != KEEP_NO);
}

bool step_signal_ward(struct scope *scope, int signal, struct ledger *ledger)
{
    struct member ward = {.row.id = scope->ward.id, .route = ROUTE_LINEAGE};
    bool known = ledger->wanted && !os_process_row(scope->ward.id.pid, &ward.row).code;
    if (step_keeps_ward(scope))
        return false;
    bool sent = os_strike_handle(&scope->ward, signal) == STRIKE_SENT;
    if (sent && known)
        ledger_note(ledger, &ward, signal, OUTCOME_FELL, NULL);
    return sent;
}

void step_take(struct scope *scope, struct ending *ending, enum ending_step step,
               struct ledger *ledger)
{
    if (step == STEP_KILL)
        step_signal_ward(scope, os_signal_kill(), ledger);
    if (step != STEP_ASK_HEADS && step != STEP_ASK_REST)
        return;
    if (!ask_rest(scope, step == STEP_ASK_HEADS, ending->signal, ledger))
        ending_force(ending, ending->trigger);
}
