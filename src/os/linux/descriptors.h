/* The limit of descriptors, which the command is to have as we found it. */
#ifndef TREEFALL_OS_LINUX_DESCRIPTORS_H
#define TREEFALL_OS_LINUX_DESCRIPTORS_H

/* In the child, before it becomes the command. */
void descriptors_give_back(void);

#endif
