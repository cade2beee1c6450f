#include "tree/find.h"

#include "tree/keep.h"
#include "tree/strike.h"

struct error find_census(struct census *census, struct scope *scope, struct ledger *ledger)
{
    struct error error = census_take(census, scope);
    if (error.code)
        ledger_note_unseen(ledger, "a part of the process table: no memory or descriptor was left "
                                   "to read it");
    return error;
}

size_t find_members(struct scope *scope, struct ledger *ledger)
{
    struct census census;
    size_t found = 0;
    census_init(&census);
    find_census(&census, scope, ledger);
    for (size_t i = 0; i < census.member_count; i++) {
        const struct member *member = &census.members[i];
        if (keep_spares(&member->row))
            strike_note_spared(member, ledger);
        else
            ledger_note(ledger, member, 0, OUTCOME_FOUND, NULL);
        found += member->row.kept_by == 0;
    }
    census_done(&census);
    return found;
}

bool find_none(struct scope *scope)
{
    struct ledger unwanted = {0};
    return find_members(scope, &unwanted) == 0 && unwanted.unseen_count == 0;
}
