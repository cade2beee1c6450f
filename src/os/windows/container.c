/* A Job Object around a ward that already runs. Ward and sentinel both hold it, and the kernel
 * kills its members when the last holder is gone. There are two jobs, nested. A breakaway climbs to
 * the first job that does not permit it. The inner job permits it, so a ward that breaks away works
 * as ever, and stays in the outer job. */
#include "os/windows/container.h"

#include "base/status.h"
#include "os/windows/ask.h"
#include "os/windows/job.h"
#include "os/windows/object.h"

static const char *const what = "create a job";

struct error os_container_make(struct os_container *out)
{
    struct os_container made;
    struct error error = job_make(&made);
    if (error.code)
        return error;
    if (!job_change(&made, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, 0)) {
        error = win_failed(what, NULL);
        os_handle_close(&made.handle);
        return error;
    }
    *out = made;
    return ERROR_OK;
}

bool container_jobs_open(const struct os_container *container, struct container_jobs *out)
{
    HANDLE outer = object_handle(container->handle, OBJECT_JOB);
    HANDLE within = outer ? CreateJobObjectW(NULL, NULL) : NULL;
    if (!within)
        return false;
    *out = (struct container_jobs){{outer, within}};
    if (job_limit(within, JOB_OBJECT_LIMIT_BREAKAWAY_OK))
        return true;
    container_jobs_close(out);
    return false;
}

void container_jobs_close(struct container_jobs *jobs)
{
    if (jobs->job[1])
        CloseHandle(jobs->job[1]);
    *jobs = (struct container_jobs){{NULL, NULL}};
}

static bool enter(HANDLE job, HANDLE process)
{
    BOOL is_in = FALSE;
    IsProcessInJob(process, job, &is_in);
    return is_in || AssignProcessToJobObject(job, process);
}

struct error container_take(const struct container_jobs *jobs, HANDLE process)
{
    if (!jobs->job[0] || !enter(jobs->job[0], process) || !enter(jobs->job[1], process))
        return win_failed("put the command into a job",
                          "the job around this process does not allow a nested job");
    ask_within(jobs->job[0]);
    return ERROR_OK;
}

struct error os_container_kill(const struct os_container *container)
{
    HANDLE job = object_handle(container->handle, OBJECT_JOB);
    BOOL is_in = FALSE;
    /* A sentinel that no rung led out of the job terminates the other members one by one. */
    if (job && IsProcessInJob(GetCurrentProcess(), job, &is_in) && is_in)
        return error_make(ERROR_REFUSED, 0, "terminate a job that treefall is in", NULL);
    if (!job || !TerminateJobObject(job, STATUS_KILLED))
        return win_failed("terminate a job", NULL);
    return ERROR_OK;
}

/* The buffer grows until it holds all. */
static JOBOBJECT_BASIC_PROCESS_ID_LIST *list_members(HANDLE job, size_t *bytes)
{
    for (*bytes = 4096;; *bytes *= 4) {
        JOBOBJECT_BASIC_PROCESS_ID_LIST *list = os_pages(*bytes);
        if (!list)
            return NULL;
        bool read =
            QueryInformationJobObject(job, JobObjectBasicProcessIdList, list, (DWORD)*bytes, NULL);
        if (read && list->NumberOfAssignedProcesses <= list->NumberOfProcessIdsInList)
            return list;
        bool is_small = read || GetLastError() == ERROR_MORE_DATA;
        os_pages_free(list, *bytes);
        if (!is_small)
            return NULL;
    }
}

bool os_container_members(const struct os_container *container,
                          void (*member)(void *context, int32_t pid), void *context)
{
    size_t bytes;
    HANDLE job = object_handle(container->handle, OBJECT_JOB);
    JOBOBJECT_BASIC_PROCESS_ID_LIST *list = job ? list_members(job, &bytes) : NULL;
    for (DWORD i = 0; list && i < list->NumberOfProcessIdsInList; i++)
        member(context, (int32_t)list->ProcessIdList[i]);
    os_pages_free(list, 0);
    return list != NULL;
}

/* The list of a job's members is complete. */
bool os_container_is_empty(const struct os_container *container, int64_t until_ms)
{
    (void)container;
    (void)until_ms;
    return true;
}

/* On Windows the lesser right is enough, on Wine it is not. */
static HANDLE open_to_ask(int32_t pid)
{
    HANDLE process = OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, (DWORD)pid);
    return process ? process : OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, (DWORD)pid);
}

bool os_container_has(const struct os_container *container, int32_t pid)
{
    BOOL is_in = FALSE;
    HANDLE job = object_handle(container->handle, OBJECT_JOB);
    HANDLE process = job ? open_to_ask(pid) : NULL;
    if (process) {
        IsProcessInJob(process, job, &is_in);
        CloseHandle(process);
    }
    return is_in;
}

size_t os_container_prune(void)
{
    return 0;
}

void os_container_spare(struct os_container *container)
{
    container->spares = true;
    job_change(container, 0, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE);
}

/* A job has no name. */
void os_container_clear(struct os_container *container)
{
    (void)container;
}

void os_container_remove(struct os_container *container)
{
    ask_within(NULL);
    os_handle_close(&container->handle);
}
