/* Handles of ours beside those of a program that we are a part of. */
#ifndef TREEFALL_OS_LINUX_HANDLE_H
#define TREEFALL_OS_LINUX_HANDLE_H

/* Where the kernel does not tell what is open: no soft limit is above it by default. */
#define UNLISTED_AT_MOST 1024

/* The same file above 2: where a host has closed a standard stream, what it prints must not land in
 * a handle of ours. -1 stays -1, with errno. */
int handle_above_streams(int fd);
/* Closes them from `first` to `last`. */
void close_range_of(unsigned first, unsigned last);

#endif
