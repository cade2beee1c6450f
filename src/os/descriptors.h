/* How many files, or other handles, this process may have open. */
#ifndef TREEFALL_OS_DESCRIPTORS_H
#define TREEFALL_OS_DESCRIPTORS_H

#include "core/error.h"

#include <stddef.h>

/* As many descriptors as we may have; the command gets back what we inherited. */
void os_files_raise(void);
/* Whether so many descriptors can still be had: what a fall will need. */
struct error os_files_spare(size_t count);

/* A look, a handle and a report, by each of three guards that share their descriptors. */
#define OS_FILES_OF_A_FALL 12

#endif
