/* Lineage: the members that a guard has seen, by which their orphans are told. */
#ifndef TREEFALL_TREE_LINEAGE_H
#define TREEFALL_TREE_LINEAGE_H

#include "os/handle.h"
#include "tree/identities.h"

struct lineage {
    struct identities known; /* sorted by pid */
    os_handle births;   /* fork events, where nothing else finds orphans; OS_NO_HANDLE = not read */
    bool births_behind; /* not all that is queued was read */
    bool births_lost;   /* some members' children may not be known */
    size_t prune_at;    /* so many known ones: those that ended are dropped */
};

/* Remembers a member as long as it lives. False when there is no memory: then it is only known now.
 */
bool lineage_remember(struct lineage *lineage, struct process_identity id);
/* A member that was seen with this number, or NULL. */
const struct process_identity *lineage_find(const struct lineage *lineage, int32_t pid);
void lineage_forget(struct lineage *lineage, int32_t pid);

#endif
