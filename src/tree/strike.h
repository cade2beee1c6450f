/* Striking a member: the signal, what became of it, and its line in the ledger. */
#ifndef TREEFALL_TREE_STRIKE_H
#define TREEFALL_TREE_STRIKE_H

#include "report/ledger.h"
#include "tree/census.h"

/* One to keep counts as gone. In the first round of a kill a relay is left alone, and counts as
 * struck: what it passes signals on to is killed, and it then ends by itself. */
enum os_strike strike_member(struct scope *scope, const struct member *member, int signal,
                             struct ledger *ledger);
/* A child of ours whose row cannot be read: by its number alone, which it keeps until it is reaped.
 */
enum os_strike strike_nameless_child(const struct scope *scope, int32_t pid, struct ledger *ledger);

/* What became of the members of one census. */
struct strikes {
    size_t struck;
    size_t missed; /* alive when it was listed, gone when it was to be struck: it may have forked */
};
struct strikes strike_all(struct scope *scope, const struct census *census, int signal,
                          struct ledger *ledger);

/* A line for one that --keep spares, or may. */
void strike_note_spared(const struct member *member, struct ledger *ledger);
/* Why one that was struck is there still. */
const char *strike_reason(enum os_strike strike, enum process_state state);

#endif
