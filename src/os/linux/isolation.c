#include "os/linux/isolation.h"

#include "base/moment.h"
#include "base/status.h"
#include "os/clock.h"
#include "os/linux/handle.h"
#include "os/linux/path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Our own, read before the clone: the child has the same memory. */
static uid_t outer_user;
static gid_t outer_group;
static bool needs_user_namespace;

static bool may_administer(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
    return syscall(SYS_capget, &header, data) == 0 && (data[0].effective >> CAP_SYS_ADMIN & 1);
}

bool os_has_isolation(void)
{
    return true;
}

uint64_t isolate_flags(void)
{
    outer_user = geteuid();
    outer_group = getegid();
    needs_user_namespace = !may_administer();
    return CLONE_NEWPID | CLONE_NEWNS | (needs_user_namespace ? CLONE_NEWUSER : 0);
}

static int write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t wrote = write(fd, text, strlen(text));
    close(fd);
    return wrote < 0 ? -1 : 0;
}

/* The user keeps its number: "1000 1000 1". */
static int write_map(const char *path, unsigned number)
{
    char text[40] = "";
    path_append_number(text, sizeof text, number);
    path_append(text, sizeof text, " ");
    path_append_number(text, sizeof text, number);
    path_append(text, sizeof text, " 1");
    return write_file(path, text);
}

/* Keeps our mounts invisible outside. In a chroot the root may not be a mount, and then the mount
 * point itself has to be private. */
static int keep_mounts(void)
{
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
        return 0;
    return errno == EINVAL ? mount("none", "/proc", NULL, MS_REC | MS_PRIVATE, NULL) : -1;
}

int isolate_prepare(void)
{
    if (needs_user_namespace &&
        ((write_file("/proc/self/setgroups", "deny") < 0 && errno != ENOENT) ||
         write_map("/proc/self/uid_map", outer_user) < 0 ||
         write_map("/proc/self/gid_map", outer_group) < 0))
        return -1;
    if (keep_mounts() < 0 ||
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
        return -1;
    return prctl(PR_SET_PDEATHSIG, SIGKILL);
}

struct init {
    const struct os_spawn *spawn;
    pid_t command;
    int status;       /* the command's; negative = still running */
    int64_t until_ms; /* when the namespace ends */
};

static void tell(const struct init *init, uint32_t kind, int detail)
{
    struct channel_message message = {kind, (uint32_t)detail, 0};
    os_channel_send(init->spawn->notices, &message);
}

static int64_t now_ms(void)
{
    struct clock_reading now;
    os_clock(&now);
    return now.now_ms;
}

static void lose_command(struct init *init, int status)
{
    init->status = WIFSIGNALED(status) ? STATUS_SIGNALLED + WTERMSIG(status) : WEXITSTATUS(status);
    init->until_ms = moment_after(now_ms(), init->spawn->linger_ms);
}

/* Ends the namespace when all processes have exited, or when the time for those that the command
 * left is over. */
static void reap(struct init *init)
{
    bool had_ended = init->status >= 0;
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0 || (pid < 0 && errno == EINTR)) {
        if (pid != init->command)
            continue;
        if (WIFSTOPPED(status))
            tell(init, OS_NOTICE_STOPPED, WSTOPSIG(status));
        else
            lose_command(init, status);
    }
    bool all_ended = pid < 0 && errno == ECHILD;
    if (init->status >= 0 && (all_ended || now_ms() >= init->until_ms))
        _exit(init->status);
    if (init->status >= 0 && !had_ended)
        tell(init, OS_NOTICE_ENDED, init->status);
}

static int wait_for_signal(const struct init *init, siginfo_t *info)
{
    sigset_t all;
    sigfillset(&all);
    if (init->until_ms == INT64_MAX)
        return sigwaitinfo(&all, info);
    int64_t left_ms = moment_later(init->until_ms - now_ms(), 0);
    struct timespec left = {left_ms / 1000, left_ms % 1000 * 1000000};
    return sigtimedwait(&all, info, &left);
}

/* Signals from outside are for the command. It gets the terminal's signals itself, because it is in
 * our process group. */
static _Noreturn void serve(struct init *init)
{
    siginfo_t info;
    for (;;) {
        reap(init);
        if (wait_for_signal(init, &info) < 0 || info.si_signo == SIGCHLD ||
            info.si_code == SI_KERNEL)
            continue;
        if (init->status < 0)
            kill(init->command, info.si_signo);
    }
}

/* Closes all handles of the guards and of the command, except the one that reports a stop. */
static void let_go(const struct os_spawn *spawn)
{
    unsigned kept = spawn->notices == OS_NO_HANDLE ? 2 : (unsigned)spawn->notices;
    os_close_standard();
    close_range_of(3, kept - 1);
    close_range_of(kept + 1, ~0U);
    os_leave_folder();
}

int isolate_init(const struct os_spawn *spawn, int fault)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    /* A SIGCHLD that arrives before we wait for it would be lost. */
    sigprocmask(SIG_BLOCK, &all, &before);
    /* Set before the fork: the command may look at its init. */
    prctl(PR_SET_NAME, "treefall-init");
    pid_t command = fork();
    if (command == 0)
        sigprocmask(SIG_SETMASK, &before, NULL);
    if (command <= 0)
        return command;
    close(fault);
    let_go(spawn);
    struct init init = {spawn, command, -1, INT64_MAX};
    serve(&init);
}
