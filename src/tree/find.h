/* Finding the members of a tree, touching none. */
#ifndef TREEFALL_TREE_FIND_H
#define TREEFALL_TREE_FIND_H

#include "report/ledger.h"
#include "tree/census.h"

/* A census; what it could not look at is in the ledger. */
struct error find_census(struct census *census, struct scope *scope, struct ledger *ledger);
/* Notes the members. Returns how many, without those to keep. */
size_t find_members(struct scope *scope, struct ledger *ledger);
/* Whether there is none but those to keep, for sure: a look that could not see all does not say so.
 */
bool find_none(struct scope *scope);

#endif
