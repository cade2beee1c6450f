#include "os/subreaper.h"

#include <errno.h>
#include <sys/prctl.h>

struct error os_subreaper_become(void)
{
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) == 0)
        return ERROR_OK;
    return error_make(ERROR_UNSUPPORTED, errno, "become a subreaper", NULL);
}
