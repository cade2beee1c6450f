#ifndef TREEFALL_OS_LINUX_PROCESS_H
#define TREEFALL_OS_LINUX_PROCESS_H

#include <stdint.h>

/* The kernel's serial of the process behind a pidfd; 0 if there is none (before Linux 6.9). */
uint64_t pidfd_serial(int pidfd);

#endif
