/* Waits for descriptors, even if RLIMIT_NOFILE is lower than their number. */
#ifndef TREEFALL_OS_LINUX_READY_H
#define TREEFALL_OS_LINUX_READY_H

#include <poll.h>
#include <stdbool.h>
#include <time.h>

/* Like ppoll(2) without a mask: POLLIN, POLLOUT and POLLPRI. NULL = no timeout. */
int ready_wait(struct pollfd *polled, nfds_t count, const struct timespec *left);
/* The events of one descriptor that come within so many milliseconds; 0 = none, -1 = it cannot be
 * waited for (errno). A patience of -1 has no end. A signal restarts the time. */
int ready_within(int fd, short events, int patience_ms);

#endif
