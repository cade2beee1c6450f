/* A file in which a daemon stores its pid. */
#ifndef TREEFALL_OS_PID_FILE_H
#define TREEFALL_OS_PID_FILE_H

#include <stdbool.h>
#include <stdint.h>

/* Whether daemons have such files on this system. */
bool os_has_pid_files(void);
/* Only the number: which process it names must be proven. 0 = the file has none, or does not exist.
 * Never blocks. */
int32_t os_pid_file_read(const char *path);

#endif
