/* The lookout: keeps the lineage and the wire in step with a living tree. */
#ifndef TREEFALL_TREE_LOOKOUT_H
#define TREEFALL_TREE_LOOKOUT_H

#include "tree/scope.h"

/* One pass: remembers the members and arms the wire for each of their groups. */
void lookout_refresh(struct scope *scope);
/* The kernel told of a new session: if its maker is a member, its group is armed at once. False
 * when its maker has ended already, as that of a daemon does, or may be a kept one: only a pass
 * tells then. */
bool lookout_session(struct scope *scope, int32_t pid);
/* ... of a process that became another user: a member's is one of the tree's from now on. False
 * when only a pass tells whether it is a member. */
bool lookout_user(struct scope *scope, int32_t pid);

#endif
