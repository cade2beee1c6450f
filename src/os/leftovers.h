/* What is left when all guards of a tree are killed. */
#ifndef TREEFALL_OS_LEFTOVERS_H
#define TREEFALL_OS_LEFTOVERS_H

/* Removes this user's sockets, heartbeat files and empty containers whose guards are all dead. The
 * proof is a lock that each guard holds; age proves nothing. */
void os_leftovers_remove(void);

#endif
