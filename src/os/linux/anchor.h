/* What a target of the wire owns: an open description of a pipe's read end, which sends it a signal
 * when the last write end closes. */
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

/* Numbers of descriptors that anchors may have are below this. */
int anchor_numbers(void);
/* The same end under a number of at least `wanted`, or near the limit. It is there before the old
 * one goes, so there is a writer all the time. -1 and the old one stays if there is none. */
int anchor_move_up(int fd, int wanted);
/* Of a pipe; 0 = none is open there. */
ino_t anchor_inode(int fd);
/* It does not send yet, and has a number that no other guard knows. The kernel holds the process
 * that has the owner's number now, never the number's next owner. -1 with errno. */
int anchor_make(int read_end, const struct f_owner_ex *owner, int number);
/* Under this very number; false, and it is closed, if another file has that. */
bool anchor_place(int anchor, int number);
/* From now on it sends. */
void anchor_wake(int anchor);

#endif
