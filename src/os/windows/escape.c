#include "os/windows/escape.h"

#include "os/windows/container.h"

#include <wchar.h>

static const struct rung {
    enum escape escape;
    bool (*start)(struct start *start);
    bool is_our_child; /* if not, a job that it is in may be another one than ours */
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
 * No call shows the jobs of a process. But a process can only be put into a job that lies inside of
 * all of its own: so copies that never run, of us and of what the rung starts, are put into one new
 * job, in both orders. If either goes, the one's innermost job is around the other, too. What stays
 * unseen is two jobs side by side within a third; there only the parent speaks, who is none of
 * ours. */

struct trial {
    struct start ours;
    struct start again; /* a second one of ours: that one must go, or the trial says nothing */
    struct start theirs;
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

/* Whether the second is refused where the first went. */
static bool is_refused(HANDLE first, HANDLE second)
{
    HANDLE job = CreateJobObjectW(NULL, NULL);
    bool refused = job && AssignProcessToJobObject(job, first) &&
                   !AssignProcessToJobObject(job, second) && GetLastError() == ERROR_ACCESS_DENIED;
    if (job)
        CloseHandle(job);
    return refused;
}

/* The control: of two of ours the second is not refused. */
static bool is_elsewhere(const struct trial *trial)
{
    HANDLE ours = trial->ours.made.hProcess;
    HANDLE again = trial->again.made.hProcess;
    HANDLE theirs = trial->theirs.made.hProcess;
    return is_refused(theirs, ours) && is_refused(again, theirs) && !is_refused(again, ours) &&
           WaitForSingleObject(theirs, 0) == WAIT_TIMEOUT;
}

static bool has_escaped(struct start *start, const struct rung *rung)
{
    if (!is_in_a_job(start->made.hProcess))
        return true;
    struct trial *trial = rung->is_our_child ? NULL : os_pages(sizeof *trial);
    bool escaped = trial && start_copies(trial, start, rung) && is_elsewhere(trial);
    struct start *copies[] = {trial ? &trial->ours : NULL, trial ? &trial->again : NULL,
                              trial ? &trial->theirs : NULL};
    for (size_t i = 0; i < 3; i++)
        if (copies[i] && copies[i]->made.hProcess)
            start_end(copies[i]);
    os_pages_free(trial, sizeof *trial);
    return escaped;
}

/* ---- the ladder ----
 * It runs meanwhile, and waits for its handles: if we are killed now it ends, as nobody is there
 * who would give them. */

bool escape_start(struct start *start, enum escape *escape)
{
    bool enclosed = container_encloses_us();
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

enum escape os_escape_try(const char *path)
{
    enum escape escape = ESCAPE_NONE;
    struct start *start = os_pages(sizeof *start);
    if (start && win_path(path, start->path)) {
        wcscpy(start->line, L"treefall-sentinel");
        start->flags = CREATE_SUSPENDED; /* it is asked, and never runs */
        if (escape_start(start, &escape))
            start_end(start);
    }
    os_pages_free(start, sizeof *start);
    return escape;
}
