#include "os/windows/job.h"

struct error os_container_cap(struct os_container *container, uint64_t count)
{
    if (!job_cap(container, count < MAXDWORD ? (DWORD)count : MAXDWORD))
        return win_failed("limit the processes of a job", NULL);
    return ERROR_OK;
}
