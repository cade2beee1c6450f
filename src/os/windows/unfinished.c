/* What this side does not do yet. */
#include "os/windows/win.h"

struct error os_scratch_open(const char *path, bool fresh, os_handle *out)
{
    (void)path;
    (void)fresh;
    (void)out;
    return error_make(ERROR_UNSUPPORTED, ERROR_CALL_NOT_IMPLEMENTED, "take a scratch folder", NULL);
}

bool os_scratch_remove(const char *path, os_handle scratch)
{
    (void)path;
    (void)scratch;
    return false;
}
