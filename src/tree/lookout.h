/* The lookout: keeps the lineage and the wire up to date while the tree lives. */
#ifndef TREEFALL_TREE_LOOKOUT_H
#define TREEFALL_TREE_LOOKOUT_H

#include "tree/scope.h"

/* One pass: remembers the members and arms the wire for each of their groups. */
void lookout_refresh(struct scope *scope);
/* The kernel reported a new session: if its leader is a member, its group is armed at once. False
 * when only a full pass can tell, because the leader has already exited, as that of a daemon does,
 * or may be kept. */
bool lookout_session(struct scope *scope, int32_t pid);
/* The kernel reported that a process became another user: if it is a member, that user is from now
 * on a user of the tree. False when only a full pass can tell whether it is a member. */
bool lookout_user(struct scope *scope, int32_t pid);

#endif
