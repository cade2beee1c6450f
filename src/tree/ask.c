#include "tree/ask.h"

#include "tree/strike.h"

/* Removes the members of other groups from the census. */
static void keep_group(struct census *census, int32_t group)
{
    size_t kept = 0;
    for (size_t i = 0; i < census->member_count; i++)
        if (census->members[i].row.group == group)
            census->members[kept++] = census->members[i];
    census->member_count = kept;
}

static size_t ask_members(struct scope *scope, int32_t group, int signal, struct ledger *ledger)
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

size_t ask_all(struct scope *scope, int signal, struct ledger *ledger)
{
    return ask_members(scope, 0, signal, ledger);
}

size_t ask_group(struct scope *scope, int32_t group, int signal, struct ledger *ledger)
{
    return ask_members(scope, group, signal, ledger);
}

/* With --isolate the ward is treefall's init, which outlives the command. */
static bool is_init(const struct scope *scope, const struct process_row *row)
{
    return scope->guarantee.routes[ROUTE_PIDNS].armed && process_is_same(scope->ward.id, row->id);
}

/* For rows that a census has sorted and marked. */
static bool is_head(const struct census *census, const struct scope *scope,
                    const struct process_row *row)
{
    const struct process_row *parent = tree_parent(census->rows, census->row_count, row);
    return !parent || parent->mark < 0 || parent->state == PROCESS_DEAD || is_init(scope, parent);
}

static bool is_to_be_asked(const struct census *census, const struct scope *scope,
                           const struct process_row *row, bool heads_alone)
{
    return !is_init(scope, row) && !identities_has(&scope->asked, row->id) &&
           (!heads_alone || is_head(census, scope, row));
}

bool ask_rest(struct scope *scope, bool heads_alone, int signal, struct ledger *ledger)
{
    struct census census;
    census_init(&census);
    census_take(&census, scope);
    for (size_t i = 0; i < census.member_count; i++) {
        const struct member *member = &census.members[i];
        if (is_to_be_asked(&census, scope, &member->row, heads_alone) &&
            strike_member(scope, member, signal, ledger) == STRIKE_SENT)
            identities_insert(&scope->asked, member->row.id);
    }
    census_done(&census);
    return scope->asked.count > 0;
}
