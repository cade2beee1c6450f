#include "os/windows/escape.h"

#include "os/windows/enclosure.h"
#include "os/windows/service.h"

#include <wchar.h>

static const struct rung {
    enum escape escape;
    bool (*start)(struct start *start);
    bool is_our_child; /* if not, a job that it is in may not be one of ours */
} rungs[] = {{ESCAPE_NO_JOB, start_plainly, true},
             {ESCAPE_BREAKAWAY, start_by_breakaway, true},
             {ESCAPE_DESKTOP, start_below_desktop, false},
             {ESCAPE_SERVICE, start_by_service, false}};

static bool is_in_a_job(HANDLE process)
{
    BOOL is_in = TRUE;
    return !IsProcessInJob(process, NULL, &is_in) || is_in;
}

/* ---- whose job is it ----
 *
 * No call shows the jobs of a process. But a process can only be put into a job that lies inside
 * all of its own. So suspended copies of us, and of what the rung starts, are put into one new job,
 * in both orders. If either order succeeds, the innermost job of one is around the other, too. Two
 * jobs side by side within a third stay unseen. Then the only evidence is the parent, which is not
 * a process of ours. */

#define TRIAL_JOBS 3

struct trial {
    struct start ours;
    struct start again; /* our second copy: it must be accepted, or the trial is void */
    struct start theirs;
    /* Open until the verdict: if we die before, closing them kills the copies. */
    HANDLE jobs[TRIAL_JOBS];
    size_t job_count;
};

static bool start_copies(struct trial *trial, const struct start *start, const struct rung *rung)
{
    struct start *copies[] = {&trial->ours, &trial->again, &trial->theirs};
    for (size_t i = 0; i < 3; i++) {
        *copies[i] = *start;
        copies[i]->made = (PROCESS_INFORMATION){0};
        copies[i]->flags = CREATE_SUSPENDED;
    }
    return start_plainly(&trial->ours) && start_plainly(&trial->again) &&
           rung->start(&trial->theirs);
}

static HANDLE trial_job(struct trial *trial)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {.BasicLimitInformation.LimitFlags =
                                                       JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE};
    HANDLE job = CreateJobObjectW(NULL, NULL);
    if (job) {
        SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
        trial->jobs[trial->job_count++] = job;
    }
    return job;
}

/* Whether the second copy is refused by a job that accepted the first. */
static bool is_refused(struct trial *trial, const struct start *first, const struct start *second)
{
    HANDLE job = trial_job(trial);
    return job && AssignProcessToJobObject(job, first->made.hProcess) &&
           !AssignProcessToJobObject(job, second->made.hProcess) &&
           GetLastError() == ERROR_ACCESS_DENIED;
}

/* Assigning to a job cannot be undone, so `theirs` is tried as the second copy before it is tried
 * as the first. A copy that is refused is in no job of the trial. The last trial is the control: of
 * two copies of ours, the second must be accepted. */
static bool is_elsewhere(struct trial *trial)
{
    return is_refused(trial, &trial->again, &trial->theirs) &&
           is_refused(trial, &trial->theirs, &trial->ours) &&
           !is_refused(trial, &trial->again, &trial->ours) &&
           WaitForSingleObject(trial->theirs.made.hProcess, 0) == WAIT_TIMEOUT;
}

static void trial_end(struct trial *trial)
{
    struct start *copies[] = {&trial->ours, &trial->again, &trial->theirs};
    for (size_t i = 0; i < 3; i++)
        if (copies[i]->made.hProcess)
            start_end(copies[i]);
    for (size_t i = 0; i < trial->job_count; i++)
        CloseHandle(trial->jobs[i]);
    os_pages_free(trial, sizeof *trial);
}

static bool has_escaped(struct start *start, const struct rung *rung)
{
    if (!is_in_a_job(start->made.hProcess))
        return true;
    struct trial *trial = rung->is_our_child ? NULL : os_pages(sizeof *trial);
    if (!trial)
        return false;
    bool escaped = start_copies(trial, start, rung) && is_elsewhere(trial);
    trial_end(trial);
    return escaped;
}

/* ---- the ladder ----
 *
 * The process runs meanwhile, and waits for its handles. If we are killed now, it exits, because no
 * process is left to give them. */

bool escape_start(struct start *start, enum escape *escape)
{
    bool enclosed = enclosure_is_around_us();
    for (size_t i = 0; i < sizeof rungs / sizeof *rungs; i++) {
        bool cannot_leave = enclosed && rungs[i].is_our_child;
        if (cannot_leave || !rungs[i].start(start))
            continue;
        *escape = rungs[i].escape;
        if (has_escaped(start, &rungs[i]))
            return true;
        start_end(start);
    }
    *escape = ESCAPE_NONE;
    return start_plainly(start);
}
