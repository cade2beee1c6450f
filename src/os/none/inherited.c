/* A started program inherits nothing from its caller that another process could wait for. */
#include "os/inherited.h"

void os_drop_inherited(enum os_stream first_kept)
{
    (void)first_kept;
}

void os_leave_folder(void)
{
}

void os_close_standard(void)
{
}

bool os_path_anchor(const char *path, char *out, size_t capacity)
{
    (void)path;
    (void)out;
    (void)capacity;
    return false;
}
