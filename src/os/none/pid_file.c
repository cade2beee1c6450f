/* No daemon stores its pid in a file. */
#include "os/pid_file.h"

bool os_has_pid_files(void)
{
    return false;
}

int32_t os_pid_file_read(const char *path)
{
    (void)path;
    return 0;
}
