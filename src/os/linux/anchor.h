/* What a target of the wire owns: an open description of a pipe's read end. The kernel sends the
 * target a signal when the last write end closes. */
#ifndef TREEFALL_OS_LINUX_ANCHOR_H
#define TREEFALL_OS_LINUX_ANCHOR_H

#include <fcntl.h>
#include <stdbool.h>
#include <sys/types.h>

#ifndef F_SETSIG
#define F_SETSIG 10
#endif
#ifndef F_SETOWN_EX
#define F_SETOWN_EX  15
#define F_OWNER_PID  1
#define F_OWNER_PGRP 2
struct f_owner_ex {
    int type;
    pid_t pid;
};
#endif

/* The descriptor numbers of anchors are below this. */
int anchor_numbers(void);
/* Duplicates the end to a number of at least `wanted`, or near the limit. The new number exists
 * before the old one is closed, so there is a writer all the time. On failure returns -1 and leaves
 * the old number open. */
int anchor_move_up(int fd, int wanted);
/* The inode of the pipe; 0 = no pipe is open there. */
ino_t anchor_inode(int fd);
/* The anchor does not send yet, and has a number that no other guard knows. The kernel refers to
 * the process that has the owner's number now, never to the number's next owner. -1 with errno. */
int anchor_make(int read_end, const struct f_owner_ex *owner, int number);
/* Moves the anchor to exactly this number. If another file has that, closes the anchor and returns
 * false. */
bool anchor_place(int anchor, int number);
/* From now on the anchor sends. */
void anchor_wake(int anchor);

#endif
