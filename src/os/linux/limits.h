/* Gives the command the limits that we inherited. */
#ifndef TREEFALL_OS_LINUX_LIMITS_H
#define TREEFALL_OS_LINUX_LIMITS_H

/* Call in the child, before it becomes the command. */
void limits_give_back(void);

#endif
