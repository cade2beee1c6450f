/* A file in which a daemon writes its number. */
#ifndef TREEFALL_OS_PID_FILE_H
#define TREEFALL_OS_PID_FILE_H

#include <stdbool.h>
#include <stdint.h>

/* Whether daemons have such files on this system. */
bool os_has_pid_files(void);
/* The number alone: whose it is has to be proven. 0 = the file has none, or is not there. Does not
 * wait for anything. */
int32_t os_pid_file_read(const char *path);

#endif
