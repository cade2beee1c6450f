/* The tree of a pid that someone names: alive, or dead with orphans that can still be told. */
#ifndef TREEFALL_TREE_TARGET_H
#define TREEFALL_TREE_TARGET_H

#include "tree/scope.h"

struct target {
    bool alive;
    bool by_brand; /* its guard's brand is known: nothing of its tree is missed */
    bool by_group; /* dead: members of its process group or session are left */
};

/* Fills `scope` (initialised) with the proofs for `pid`'s tree. ERROR_REFUSED for pid 1, ourselves
 * and our ancestors. ERROR_NOT_FOUND when it is dead and nothing tells of its tree any more. */
struct error target_find(struct scope *scope, int32_t pid, struct target *out);
/* What cannot be known of this tree, for the user; NULL when nothing is missed. */
const char *target_unknown(const struct target *target);

#endif
