/* Lineage: the members that a guard has seen, by which it recognises their orphans. */
#ifndef TREEFALL_TREE_LINEAGE_H
#define TREEFALL_TREE_LINEAGE_H

#include "os/handle.h"
#include "tree/identities.h"

struct lineage {
    struct identities known; /* sorted by pid */
    os_handle births;   /* fork events, if nothing else finds orphans; OS_NO_HANDLE = not read */
    bool births_behind; /* not all queued events were read */
    bool births_lost;   /* children of some members may be unknown */
    size_t prune_at;    /* with so many entries, drop those that exited */
};

/* Remembers a member as long as it lives. False when there is no memory: then the member is not
 * remembered. */
bool lineage_remember(struct lineage *lineage, struct process_identity id);
/* A member with this number that was seen before, or NULL. */
const struct process_identity *lineage_find(const struct lineage *lineage, int32_t pid);
void lineage_forget(struct lineage *lineage, int32_t pid);

#endif
