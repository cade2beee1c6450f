#include "os/windows/job.h"

#include "os/windows/object.h"

struct error job_make(struct os_container *out)
{
    HANDLE job = CreateJobObjectW(NULL, NULL);
    struct os_container made = {.handle = OS_NO_HANDLE};
    if (job)
        made.handle = object_add((struct object){OBJECT_JOB, job, NULL});
    if (made.handle == OS_NO_HANDLE)
        return win_failed("create a job", NULL);
    *out = made;
    return ERROR_OK;
}

bool job_limit(HANDLE job, DWORD flags)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {.BasicLimitInformation.LimitFlags = flags};
    return SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
}

/* Of the command's job, because Wine does not report the present limits. */
static JOBOBJECT_EXTENDED_LIMIT_INFORMATION present;

bool job_change(const struct os_container *container, DWORD set, DWORD cleared)
{
    DWORD *flags = &present.BasicLimitInformation.LimitFlags;
    HANDLE job = object_handle(container->handle, OBJECT_JOB);
    *flags = (*flags | set) & ~cleared;
    return job && SetInformationJobObject(job, JobObjectExtendedLimitInformation, &present,
                                          sizeof present);
}

bool job_cap(const struct os_container *container, DWORD count)
{
    present.BasicLimitInformation.ActiveProcessLimit = count;
    return job_change(container, JOB_OBJECT_LIMIT_ACTIVE_PROCESS, 0);
}
