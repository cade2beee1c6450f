/* The exit of the caller, as an epoll of pidfds. Forked guards share the epoll: a pidfd that one
 * guard removes is removed for all. */
#include "base/text.h"
#include "os/linux/handle.h"
#include "os/linux/proc.h"
#include "os/linux/signals.h"
#include "os/linux/sys.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* <linux/pidfd.h> of Linux 6.15; glibc does not have it. */
struct exit_info {
    uint64_t mask;
    uint64_t cgroup;
    uint32_t ids[11];
    int32_t exit_code;
};
#define EXIT_INFO_GET  _IOWR(0xFF, 11, struct exit_info)
#define EXIT_INFO_EXIT (1ULL << 3)

#define CALLERS_MAX 2

/* Fields of /proc/PID/stat. */
#define STAT_BYTES   1024
#define NAME_FIELD   2
#define STATUS_FIELD 52

static const char *const what = "watch the caller";

/* Because guards are forks, the same numbers name the same files in all of them. */
static struct follow {
    struct os_process process;
    bool may_leave; /* the process may exit with status 0 */
} follows[CALLERS_MAX];
static size_t follow_count;

/* ---- how the process exited ---- */

/* The last field of /proc/PID/stat, of a zombie. */
static bool zombie_status(int32_t pid, uint64_t *status)
{
    char text[STAT_BYTES];
    if (proc_read(pid, "stat", text, sizeof text) <= 0)
        return false;
    const char *at = strrchr(text, ')');
    if (!at || strncmp(at, ") Z", 3) != 0)
        return false;
    for (int field = NAME_FIELD; field < STATUS_FIELD && at; field++)
        at = strchr(at + 1, ' ');
    if (!at++)
        return false;
    *status = text_number(&at);
    return true;
}

/* For another user's process, the file shows 0 in place of the status. */
static bool zombie_failed(const struct os_process *process, bool *failed)
{
    uint32_t user = 0;
    uint64_t status = 0;
    bool known = !os_process_user(process->id.pid, &user).code && user == os_user() &&
                 zombie_status(process->id.pid, &status);
    /* The process is not reaped yet, so its number was still its own. */
    if (!known || (sys_pidfd_send_signal((int)process->handle, 0) < 0 && errno == ESRCH))
        return false;
    *failed = status != 0;
    return true;
}

/* Just before a process is reaped, the kernel stores its status for its pidfds. */
static bool reaped_failed(const struct os_process *process, bool *failed)
{
    struct exit_info info = {.mask = EXIT_INFO_EXIT};
    if (ioctl((int)process->handle, EXIT_INFO_GET, &info) < 0 || !(info.mask & EXIT_INFO_EXIT))
        return false;
    *failed = info.exit_code != 0;
    return true;
}

/* Leaves `failed` unchanged if the status is unknown. */
static bool counts(const struct follow *follow, bool failed)
{
    if (!follow->may_leave)
        return true;
    if (!zombie_failed(&follow->process, &failed))
        reaped_failed(&follow->process, &failed);
    return failed;
}

static bool is_lost(os_handle caller, bool unknown_counts)
{
    struct epoll_event events[CALLERS_MAX];
    int count = caller == OS_NO_HANDLE ? 0 : epoll_wait((int)caller, events, CALLERS_MAX, 0);
    bool lost = false;
    for (int i = 0; i < count; i++) {
        const struct follow *follow = &follows[events[i].data.u32];
        if (counts(follow, unknown_counts))
            lost = true;
        else
            epoll_ctl((int)caller, EPOLL_CTL_DEL, (int)follow->process.handle, NULL);
    }
    return lost;
}

bool os_caller_is_lost(os_handle caller)
{
    return is_lost(caller, true);
}

void os_caller_begin(os_handle caller)
{
    (void)is_lost(caller, false);
}

/* ---- which processes are followed ---- */

/* Takes ownership of the process. */
static struct error add(os_handle *caller, struct os_process *process, bool may_leave)
{
    struct epoll_event end = {.events = EPOLLIN, .data.u32 = (uint32_t)follow_count};
    if (*caller == OS_NO_HANDLE)
        *caller = handle_above_streams(epoll_create1(EPOLL_CLOEXEC));
    if (*caller == OS_NO_HANDLE ||
        epoll_ctl((int)*caller, EPOLL_CTL_ADD, (int)process->handle, &end) < 0) {
        struct error error = error_make(ERROR_SYSTEM, errno, what, sys_advice(errno));
        os_process_close(process);
        return error;
    }
    follows[follow_count++] = (struct follow){*process, may_leave};
    return ERROR_OK;
}

static bool has_terminal(void)
{
    int terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
    if (terminal >= 0)
        close(terminal);
    return terminal >= 0;
}

/* The parent of the ancestor that leads our session; 0 if there is none. The parent's number is
 * read from its child, which may be reparented meanwhile. But no parent is younger than its
 * child. */
static int32_t starter_of(int32_t leader)
{
    struct process_row child = {.id = {getpid(), UINT64_MAX}, .ppid = getppid()};
    while (child.ppid > 0 && child.id.pid != leader) {
        struct process_row parent = {0};
        if (proc_stat(child.ppid, &parent).code || parent.id.start > child.id.start)
            return 0;
        child = parent;
    }
    return child.ppid;
}

static bool is_child(int32_t child, int32_t parent)
{
    struct process_row row = {0};
    return !proc_stat(child, &row).code && row.ppid == parent;
}

/* sshd, cron and the like create a session for a shell, which still waits for us when they are
 * gone. Without a terminal, no hang-up reports that. When process 1 exits, everything else is
 * killed anyway. */
static void follow_starter(os_handle *caller)
{
    int32_t leader = os_process_session();
    struct os_process starter;
    if (leader == getpid() || has_terminal())
        return;
    int32_t parent = starter_of(leader);
    if (parent <= 1 || os_process_watch(parent, &starter).code)
        return;
    /* No other process gets a leader's number while the leader's session exists. */
    if (!is_child(leader, parent))
        os_process_close(&starter);
    else
        (void)add(caller, &starter, false);
}

/* The number may pass to another process between reading and opening it: read it again. */
void os_caller_watch_parent(os_handle *out)
{
    struct os_process parent;
    pid_t pid = getppid();
    bool in_background = signal_was_ignored(SIGINT) && signal_was_ignored(SIGQUIT);
    *out = OS_NO_HANDLE;
    if (signal_was_ignored(SIGHUP) || pid <= 0 || os_process_watch(pid, &parent).code)
        return;
    if (getppid() != pid)
        os_process_close(&parent);
    else
        (void)add(out, &parent, in_background);
    if (!in_background)
        follow_starter(out);
}

struct error os_caller_watch_process(int32_t pid, os_handle *out)
{
    struct os_process process;
    struct error error = os_process_open((struct process_identity){.pid = pid}, &process);
    *out = OS_NO_HANDLE;
    if (error.code == ERROR_GONE)
        error = error_make(ERROR_GONE, ESRCH, what, "give the pid of a running process, or none");
    return error.code ? error : add(out, &process, false);
}

struct error os_caller_watch_session(os_handle *out)
{
    pid_t leader = getsid(0);
    *out = OS_NO_HANDLE;
    if (leader <= 0 || leader == getpid())
        return error_make(ERROR_REFUSED, 0, "watch the leader of the session",
                          "treefall leads it, or it is outside this pid namespace: give --caller "
                          "a pid");
    return os_caller_watch_process(leader, out);
}
