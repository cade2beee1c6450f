#include "os/windows/enclosure.h"

#include "os/windows/job.h"
#include "os/windows/object.h"

static const char *const what = "create a job";

static HANDLE inner; /* of this process; the handle of the outer job is the container's */

static bool enter_inner(void)
{
    BOOL is_in = FALSE;
    if (!inner)
        inner = CreateJobObjectW(NULL, NULL);
    if (!inner || !job_limit(inner, JOB_OBJECT_LIMIT_BREAKAWAY_OK))
        return false;
    IsProcessInJob(GetCurrentProcess(), inner, &is_in);
    return is_in || AssignProcessToJobObject(inner, GetCurrentProcess());
}

struct error os_enclosure_make(struct os_container *out)
{
    return job_make(out);
}

struct error os_enclosure_enter(const struct os_container *container)
{
    HANDLE outer = object_handle(container->handle, OBJECT_JOB);
    BOOL is_in = FALSE;
    if (!outer || !job_limit(outer, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE))
        return win_failed(what, NULL);
    IsProcessInJob(GetCurrentProcess(), outer, &is_in);
    if (!is_in && !AssignProcessToJobObject(outer, GetCurrentProcess()))
        return win_failed("enter a job", "the job around this process does not allow a nested job");
    if (!enter_inner())
        return win_failed("enter a second job", NULL);
    return ERROR_OK;
}

bool enclosure_is_around_us(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
    BOOL is_in = FALSE;
    return inner && IsProcessInJob(GetCurrentProcess(), inner, &is_in) && is_in &&
           QueryInformationJobObject(inner, JobObjectExtendedLimitInformation, &limits,
                                     sizeof limits, NULL) &&
           !(limits.BasicLimitInformation.LimitFlags & JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK);
}

/* A job cannot be left. But processes that are started from now on are placed as without
 * treefall. */
void os_enclosure_leave(const struct os_container *container)
{
    HANDLE outer = object_handle(container->handle, OBJECT_JOB);
    if (outer)
        job_limit(outer, JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK);
    if (inner)
        job_limit(inner, JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK);
}
