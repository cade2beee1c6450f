/* System calls without a wrapper in glibc 2.36 or musl. Each sets errno and returns -1. */
#ifndef TREEFALL_OS_LINUX_SYS_H
#define TREEFALL_OS_LINUX_SYS_H

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#ifndef CLONE_FILES
#define CLONE_FILES 0x00000400
#endif
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

struct sys_clone_args {
    uint64_t flags;
    uint64_t pidfd;
    uint64_t child_tid;
    uint64_t parent_tid;
    uint64_t exit_signal;
    uint64_t stack;
    uint64_t stack_size;
    uint64_t tls;
    uint64_t set_tid;
    uint64_t set_tid_size;
    uint64_t cgroup;
};

static inline int sys_pidfd_open(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

static inline int sys_tgkill(pid_t group, pid_t thread, int number)
{
    return (int)syscall(SYS_tgkill, group, thread, number);
}

static inline int sys_pidfd_send_signal(int pidfd, int number)
{
    return (int)syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0);
}

/* Like fork: the child runs on a copy of the stack. Containers may deny clone3, because a filter
 * cannot look into its flags (Docker still does). The older call supports everything except the
 * cgroup. */
static inline pid_t sys_clone(struct sys_clone_args *args)
{
    pid_t pid = (pid_t)syscall(SYS_clone3, args, sizeof *args);
    if (pid >= 0 || (errno != ENOSYS && errno != EPERM) || args->flags & CLONE_INTO_CGROUP)
        return pid;
    return (pid_t)syscall(SYS_clone, args->flags | args->exit_signal, NULL,
                          (int *)(uintptr_t)args->pidfd, NULL, NULL);
}

/* An entry of getdents64(2). */
struct sys_entry {
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

/* What a user can do about a failed system call, or NULL. */
static inline const char *sys_advice(int os_code)
{
    switch (os_code) {
    case EMFILE:
    case ENFILE:
        return "raise the limit of open files (ulimit -n)";
    case EAGAIN:
        return "too many processes are running: end some, or raise the limit (ulimit -u)";
    case ENOMEM:
        return "free some memory, or raise the limit (ulimit -v)";
    case ENOSYS:
    case EPERM:
    case EACCES:
        return "a seccomp filter may deny it: allow this system call";
    default:
        return NULL;
    }
}

#endif
