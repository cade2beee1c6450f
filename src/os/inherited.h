/* What a guard has of its caller, and lets go of. */
#ifndef TREEFALL_OS_INHERITED_H
#define TREEFALL_OS_INHERITED_H

#include "os/stream.h"

/* Standard input, output and errors lead nowhere from now on. */
void os_close_standard(void);
/* For a guard, which keeps nobody waiting: closes what our caller had open beside the standard
 * streams, and of these leads nowhere what comes before `first_kept`. */
void os_drop_inherited(enum os_stream first_kept);
/* `path` from the root, if that leads to the same place: a folder above ours may be closed to us.
 * False where no guard leaves its folder. */
bool os_path_anchor(const char *path, char *out, size_t capacity);
/* Our folder is the root from now on. */
void os_leave_folder(void);

#endif
