/* The limits that the command is to have as we found them. */
#ifndef TREEFALL_OS_LINUX_LIMITS_H
#define TREEFALL_OS_LINUX_LIMITS_H

/* In the child, before it becomes the command. */
void limits_give_back(void);

#endif
