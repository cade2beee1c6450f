/* Processes that are orphans from the start: the library's sentinel. */
#include "base/status.h"
#include "os/linux/handle.h"
#include "os/linux/sys.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#define FIRST_HANDLE    3
#define HANDLES_AT_MOST 8
#define LOOK_NS         10000000

struct orphan {
    const char *path;
    const os_handle *handles;
    size_t count;
    volatile int os_code; /* of a failed exec: the memory is shared */
    _Atomic int done;     /* the exec was tried */
};

/* First moves all handles out of the way, so that no target number is overwritten before it is
 * read. */
static bool place_handles(const struct orphan *orphan)
{
    int moved[HANDLES_AT_MOST];
    int free_from = FIRST_HANDLE + (int)orphan->count;
    for (size_t i = 0; i < orphan->count; i++)
        if ((moved[i] = fcntl((int)orphan->handles[i], F_DUPFD_CLOEXEC, free_from)) < 0)
            return false;
    for (size_t i = 0; i < orphan->count; i++)
        if (dup2(moved[i], FIRST_HANDLE + (int)i) < 0)
            return false;
    return true;
}

/* If a signal arrived before the exec, our caller's handlers would run here, in the caller's
 * memory. */
static void drop_handlers(void)
{
    struct sigaction present;
    struct sigaction preset = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++)
        if (sigaction(number, NULL, &present) == 0 && present.sa_handler != SIG_IGN)
            sigaction(number, &preset, NULL);
}

/* "XDG_RUNTIME_DIR=...", from our own environment: all that a sentinel needs of it. */
static char *runtime_entry(void)
{
    static const char name[] = "XDG_RUNTIME_DIR";
    const char *value = os_setting(name);
    return value ? (char *)(uintptr_t)(value - sizeof name) : NULL;
}

/* All signals stay blocked across the exec: a Ctrl-C that is meant for the caller's group must not
 * kill the sentinel before it has left the group. */
static _Noreturn void orphan_exec(struct orphan *orphan)
{
    char *argv[] = {(char *)"treefall-sentinel", NULL};
    char *environment[] = {runtime_entry(), NULL};
    drop_handlers();
    if (place_handles(orphan)) {
        os_detach(FIRST_HANDLE + (os_handle)orphan->count);
        execve(orphan->path, argv, environment);
    }
    orphan->os_code = errno;
    _exit(STATUS_NO_COMMAND);
}

/* Both children borrow our memory while we wait, as with vfork: nothing is copied, and no fork
 * handler (Python's, a debugger's) runs. Without an exit signal, a wait for any child does not see
 * the child in the middle. */
static pid_t borrow(int (*body)(void *), void *context)
{
    static const size_t stack_bytes = 32768;
    char *stack = os_pages(stack_bytes);
    if (!stack)
        return -1;
    pid_t pid = clone(body, stack + stack_bytes, CLONE_VM | CLONE_VFORK, context);
    int os_code = errno;
    os_pages_free(stack, stack_bytes);
    errno = os_code;
    return pid;
}

static int second(void *context)
{
    orphan_exec(context);
}

static int first(void *context)
{
    struct orphan *orphan = context;
    if (borrow(second, orphan) < 0)
        orphan->os_code = errno;
    _exit(0);
}

static bool adopts_orphans(void)
{
    int adopting = 0;
    prctl(PR_GET_CHILD_SUBREAPER, &adopting);
    return adopting != 0;
}

static bool borrow_and_reap(struct orphan *orphan)
{
    pid_t middle = borrow(first, orphan);
    while (middle > 0 && waitpid(middle, NULL, __WALL) < 0 && errno == EINTR)
        ;
    return middle > 0;
}

/* An orphan becomes a child of its nearest ancestor that is a subreaper. If that is our caller, it
 * stops being a subreaper for this moment. It has no children, so it can miss no other orphan. */
static bool borrow_unadopted(struct orphan *orphan)
{
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    bool started = borrow_and_reap(orphan);
    int os_code = errno;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    errno = os_code;
    return started;
}

/* ---- with a parent that stays ---- */

/* Runs on a copy of our memory; only `orphan` is shared. */
static int stay(void *context)
{
    struct orphan *orphan = context;
    if (borrow(second, orphan) < 0)
        orphan->os_code = errno;
    atomic_store(&orphan->done, 1);
    syscall(SYS_futex, &orphan->done, FUTEX_WAKE, 1, NULL, NULL, 0);
    os_detach(0);
    while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
        ;
    return 0;
}

/* The orphan may be killed before it could answer. No descriptor is used: one more might exceed the
 * caller's limit, or take the number of a closed standard stream. */
static void await_exec(struct orphan *orphan, const struct os_process *parent)
{
    const struct timespec look = {0, LOOK_NS};
    while (!atomic_load(&orphan->done) && !os_process_ended(parent))
        syscall(SYS_futex, &orphan->done, FUTEX_WAIT, 0, &look, NULL, 0);
}

/* A caller that is a subreaper and has children stays one. So the orphan keeps its parent, a child
 * of ours that no plain wait sees. */
static bool start_below_parent(struct orphan *orphan, struct os_process *parent)
{
    struct orphan *shared = os_pages_shared(sizeof *shared);
    if (!shared)
        return false;
    *shared = *orphan;
    struct error error = os_fork_detached("treefall-parent", stay, shared, parent);
    if (!error.code)
        await_exec(shared, parent);
    orphan->os_code = shared->os_code;
    os_pages_free(shared, sizeof *shared);
    errno = error.os_code;
    return !error.code;
}

static bool start(struct orphan *orphan, struct os_process *parent)
{
    if (!adopts_orphans())
        return borrow_and_reap(orphan);
    return os_has_children() ? start_below_parent(orphan, parent) : borrow_unadopted(orphan);
}

static struct error exec_failed(int os_code)
{
    static const char what[] = "start the sentinel";
    switch (os_code) {
    case ENOENT:
    case ENOTDIR:
        return error_make(ERROR_NOT_FOUND, os_code, what, NULL);
    case EACCES:
    case EPERM:
    case ENOEXEC:
        return error_make(ERROR_DENIED, os_code, what, NULL);
    default:
        return error_make(ERROR_SYSTEM, os_code, what, NULL);
    }
}

/* Children run in the time namespace that was last unshared, but the caller does not (Linux 5.6).
 * The sentinel would date beats by another clock, and kill a ward that beats. */
static bool shares_clocks(void)
{
    char own[32] = "";
    char childrens[32] = "";
    bool told =
        readlink("/proc/thread-self/ns/time", own, sizeof own - 1) > 0 &&
        readlink("/proc/thread-self/ns/time_for_children", childrens, sizeof childrens - 1) > 0;
    return !told || strcmp(own, childrens) == 0;
}

enum escape os_escape_try(const char *path)
{
    (void)path;
    return ESCAPE_UNNEEDED;
}

struct error os_spawn_orphan(const char *path, const os_handle *handles, size_t count,
                             struct os_orphan *out)
{
    struct os_orphan made = {ESCAPE_UNNEEDED, {.handle = OS_NO_HANDLE}};
    struct orphan orphan = {.path = path, .handles = handles, .count = count};
    sigset_t all;
    sigset_t before;
    if (!shares_clocks())
        return error_make(ERROR_UNSUPPORTED, 0, "start the sentinel",
                          "start the guard before unshare(CLONE_NEWTIME), or in a child");
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = start(&orphan, &made.parent);
    int os_code = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (started && orphan.os_code == 0) {
        *out = made;
        return ERROR_OK;
    }
    os_guard_reap(&made.parent);
    return started ? exec_failed(orphan.os_code)
                   : error_make(ERROR_SYSTEM, os_code, "start the sentinel", NULL);
}

void os_detach(os_handle first_closed)
{
    setsid();
    os_close_standard();
    close_range_of((unsigned)first_closed, ~0U);
    os_leave_folder();
}
