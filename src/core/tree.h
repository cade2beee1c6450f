/* Which rows of a process table belong to a tree, by which route, and in which order to fell them.
 * Pure: rows in, members out. */
#ifndef TREEFALL_CORE_TREE_H
#define TREEFALL_CORE_TREE_H

#include "core/process.h"
#include "core/route.h"

#include <stddef.h>

/* What proves that a row belongs. */
struct tree_proof {
    /* pid 0 = unknown; start 0 = the number was the ward's during the whole look */
    struct process_identity ward;
    struct brand_proof brand;
    const struct process_identity *known; /* once seen to belong, sorted by pid */
    size_t known_count;
    enum route container_route; /* of a row that is contained */
    int32_t reaper;             /* its children are members; 0 = none */
    int32_t group_session; /* rows of this group or session belong (a dead leader's); 0 = none */
    const struct process_identity *spared; /* guards, ourselves, ancestors: never members */
    size_t spared_count;
};

struct member {
    struct process_row row;
    enum route route;
};

/* Sorts `rows` by pid and writes the members to `out`, which has room for `count`, parents before
 * children. Returns how many there are. Dead rows pass membership on to their children but are not
 * returned. */
size_t tree_select(struct process_row *rows, size_t count, const struct tree_proof *proof,
                   struct member *out);
/* In rows that tree_select has sorted; NULL = none. */
struct process_row *tree_find(struct process_row *rows, size_t count, int32_t pid);
struct process_row *tree_parent(struct process_row *rows, size_t count,
                                const struct process_row *row);

#endif
