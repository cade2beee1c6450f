/* Which rows of a process table belong to a tree, by which route, and in which order to kill them.
 * Pure: rows in, members out. */
#ifndef TREEFALL_CORE_TREE_H
#define TREEFALL_CORE_TREE_H

#include "core/process.h"
#include "core/route.h"

#include <stddef.h>

/* What proves that a row belongs. */
struct tree_proof {
    /* pid 0 = unknown; start 0 = the number was the ward's during the whole scan */
    struct process_identity ward;
    struct brand_proof brand;
    const struct process_identity *known; /* have been members, sorted by pid */
    size_t known_count;
    enum route container_route; /* of a row that is contained */
    int32_t reaper;             /* a process whose children are members; 0 = none */
    int32_t group_session; /* a dead leader's group or session, whose rows are members; 0 = none */
    const struct process_identity *spared; /* guards, this process, its ancestors: never members */
    size_t spared_count;
};

struct member {
    struct process_row row;
    enum route route;
};

/* Sorts `rows` by pid and writes the members to `out`, parents before children. `out` has room for
 * `count`. Returns the number of members. A dead row passes its membership on to its children but
 * is not returned. */
size_t tree_select(struct process_row *rows, size_t count, const struct tree_proof *proof,
                   struct member *out);
/* For rows that tree_select has sorted. NULL = none. */
struct process_row *tree_find(struct process_row *rows, size_t count, int32_t pid);
struct process_row *tree_parent(struct process_row *rows, size_t count,
                                const struct process_row *row);

#endif
