/* Our handles beside those of the host program. */
#ifndef TREEFALL_OS_LINUX_HANDLE_H
#define TREEFALL_OS_LINUX_HANDLE_H

/* Used if the kernel does not list what is open: by default no soft limit is higher. */
#define UNLISTED_AT_MOST 1024

/* The same file under a number above 2: if a host has closed a standard stream, its output must not
 * go to one of our handles. -1 stays -1, with errno. */
int handle_above_streams(int fd);
/* Closes all descriptors from `first` to `last`. */
void close_range_of(unsigned first, unsigned last);

#endif
