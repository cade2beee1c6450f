/* A census: one full pass over the process table, and the members found in it. */
#ifndef TREEFALL_TREE_CENSUS_H
#define TREEFALL_TREE_CENSUS_H

#include "tree/scope.h"

struct census {
    struct process_row *rows;
    struct member *members; /* parents before children */
    size_t row_count;
    size_t row_capacity;
    size_t member_count;
    bool whole; /* no part of the table was left out */
};

void census_init(struct census *census);
void census_done(struct census *census);
/* Takes a census and remembers all members in the scope's lineage. */
struct error census_take(struct census *census, struct scope *scope);
/* Whether `pid` was a member at the last census. */
bool census_has(const struct census *census, int32_t pid);

#endif
