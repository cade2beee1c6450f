/* Who is never signalled, whatever proves it a member: ourselves, our ancestors, the other guards.
 */
#ifndef TREEFALL_TREE_PROTECTED_H
#define TREEFALL_TREE_PROTECTED_H

#include "os/process.h"
#include "tree/identities.h"

#define PROTECTED_SIBLINGS 8

struct protected
{
    struct identities list;                         /* start 0 = while the number is in use */
    struct os_process siblings[PROTECTED_SIBLINGS]; /* other guards of the ward, of its own tree */
    size_t sibling_count;
};

/* A process that is alive, or our child and not reaped: never to be touched from now on. */
void protected_add(struct protected *protected, int32_t pid);
void protected_add_id(struct protected *protected, struct process_identity id);
void protected_remove(struct protected *protected, int32_t pid);
/* Whether it is never to be touched. A start time of 0 stands for whatever has the number now. */
bool protected_has(const struct protected *protected, struct process_identity id);
/* Ourselves and our ancestors. */
void protected_add_ancestry(struct protected *protected);
/* Another guard of the same ward, protected while it lives: its number may pass to a member. */
void protected_add_sibling(struct protected *protected, struct process_identity id);
/* Call before a kill: the siblings that live now are added. */
void protected_settle_siblings(struct protected *protected);

#endif
