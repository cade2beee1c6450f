/* The tree of a pid that the user names: alive, or dead with orphans that can still be
 * recognised. */
#ifndef TREEFALL_TREE_TARGET_H
#define TREEFALL_TREE_TARGET_H

#include "tree/scope.h"

struct target {
    bool alive;
    bool by_brand; /* the brand of its guard is known: no member is missed */
    bool by_group; /* the process is dead, but members of its process group or session are left */
};

/* Fills `scope` (initialised) with the proofs for `pid`'s tree. ERROR_REFUSED for pid 1, this
 * process and its ancestors. ERROR_NOT_FOUND when the process is dead and no trace of its tree is
 * left. */
struct error target_find(struct scope *scope, int32_t pid, struct target *out);
/* What cannot be known of this tree, as text for the user. NULL when nothing is missed. */
const char *target_unknown(const struct target *target);

#endif
