/* Processes that are never signalled, whatever proves them members: this process, its ancestors,
 * the other guards. */
#ifndef TREEFALL_TREE_PROTECTED_H
#define TREEFALL_TREE_PROTECTED_H

#include "os/process.h"
#include "tree/identities.h"

#define PROTECTED_SIBLINGS 8

struct protected
{
    struct identities list; /* start 0 = protected while the number is in use */
    struct os_process siblings[PROTECTED_SIBLINGS]; /* other guards of the ward, in its own tree */
    size_t sibling_count;
};

/* Protects a process that is alive, or is our child and not yet reaped. */
void protected_add(struct protected *protected, int32_t pid);
void protected_add_id(struct protected *protected, struct process_identity id);
void protected_remove(struct protected *protected, int32_t pid);
/* Whether the process is protected. A start time of 0 stands for the process that has the number
 * now. */
bool protected_has(const struct protected *protected, struct process_identity id);
/* Protects this process and its ancestors. */
void protected_add_ancestry(struct protected *protected);
/* Another guard of the same ward is protected while it lives: its number may pass to a member
 * later. */
void protected_add_sibling(struct protected *protected, struct process_identity id);
/* Call before a kill: adds the siblings that are alive now. */
void protected_settle_siblings(struct protected *protected);

#endif
