/* What a guard inherits from its caller, and closes. */
#ifndef TREEFALL_OS_INHERITED_H
#define TREEFALL_OS_INHERITED_H

#include "os/stream.h"

/* From now on standard input, output and error lead nowhere. */
void os_close_standard(void);
/* For a guard, which must not block a process that waits for end of file. Closes what our caller
 * had open beside the standard streams. The standard streams before `first_kept` lead nowhere from
 * now on. */
void os_drop_inherited(enum os_stream first_kept);
/* `path` from the root, if that leads to the same place: we may have no access to a folder above
 * ours. False on a system where guards do not leave their folder. */
bool os_path_anchor(const char *path, char *out, size_t capacity);
/* From now on our working folder is the root. */
void os_leave_folder(void);

#endif
