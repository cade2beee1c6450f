/* Striking a member: sending the signal, the result, and the line in the ledger. */
#ifndef TREEFALL_TREE_STRIKE_H
#define TREEFALL_TREE_STRIKE_H

#include "report/ledger.h"
#include "tree/census.h"

/* A kept member counts as gone. In the first round of a kill a relay is left alone and counts as
 * struck: the process that it passes signals to is killed, and the relay then exits by itself. */
enum os_strike strike_member(struct scope *scope, const struct member *member, int signal,
                             struct ledger *ledger);
/* A child of ours whose row cannot be read: it is struck by its number alone, which is its own
 * until it is reaped. */
enum os_strike strike_nameless_child(const struct scope *scope, int32_t pid, struct ledger *ledger);

/* The results for the members of one census. */
struct strikes {
    size_t struck;
    size_t missed; /* alive when listed, gone when it was to be struck: it may have forked */
};
struct strikes strike_all(struct scope *scope, const struct census *census, int signal,
                          struct ledger *ledger);

/* Adds a line for a member that --keep spares, or may spare. */
void strike_note_spared(const struct member *member, struct ledger *ledger);
/* Why a struck process is still there. */
const char *strike_reason(enum os_strike strike, enum process_state state);

#endif
