/* Finding the members of a tree without signalling any. */
#ifndef TREEFALL_TREE_FIND_H
#define TREEFALL_TREE_FIND_H

#include "report/ledger.h"
#include "tree/census.h"

/* Takes a census. What it could not look at is noted in the ledger. */
struct error find_census(struct census *census, struct scope *scope, struct ledger *ledger);
/* Notes the members. Returns how many there are, without kept ones. */
size_t find_members(struct scope *scope, struct ledger *ledger);
/* Whether it is certain that no members are left except kept ones. False if the census could not
 * see everything. */
bool find_none(struct scope *scope);

#endif
