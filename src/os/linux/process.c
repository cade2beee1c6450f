#include "os/linux/process.h"

#include "base/text.h"
#include "os/linux/handle.h"
#include "os/linux/proc.h"
#include "os/linux/ready.h"
#include "os/linux/sys.h"
#include "os/os.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define PIDFS_MAGIC 0x50494446

#define POLL_TRIES 3
static const struct timespec NOW = {0, 0};

static const char *const let_pidfd_pass =
    "treefall signals only through pidfds: use Linux 5.3 or later, and allow pidfd_open and "
    "pidfd_send_signal in the seccomp filter";

/* Only if pidfds have a file system of their own (Linux 6.9) does each process have an inode there,
 * which is never reused. */
uint64_t pidfd_serial(int pidfd)
{
    static _Atomic int told; /* the file system's magic number; 0 = not read yet */
    struct statfs system;
    struct stat file;
    if (told == 0 && fstatfs(pidfd, &system) == 0)
        told = (int)system.f_type;
    return told != PIDFS_MAGIC || fstat(pidfd, &file) < 0 ? 0 : file.st_ino;
}

static struct error open_failed(int os_code)
{
    switch (os_code) {
    case ESRCH:
    case EINVAL: /* a thread's number, or (before 6.9) a dead leader's */
    case ENOENT: /* a thread's number, on current kernels */
        return error_make(ERROR_GONE, os_code, "open a process", NULL);
    case ENOSYS:
    case EPERM:
        return error_make(ERROR_UNSUPPORTED, os_code, "open a process by pidfd", let_pidfd_pass);
    default:
        return error_make(ERROR_SYSTEM, os_code, "open a process by pidfd", sys_advice(os_code));
    }
}

struct error os_process_open(struct process_identity id, struct os_process *out)
{
    struct process_row row = {0};
    struct os_process process = {.id = id, .handle = handle_above_streams(sys_pidfd_open(id.pid))};
    if (process.handle < 0)
        return open_failed(errno);
    struct error error = proc_stat(id.pid, &row);
    if (error.code == ERROR_GONE || error.code == ERROR_DENIED)
        error = error_make(ERROR_UNSUPPORTED, error.os_code, "find a process in /proc",
                           "mount procfs on /proc, without hidepid, or run treefall as root");
    row.id.serial = pidfd_serial((int)process.handle);
    if (!error.code && id.start != 0 && !process_is_same(row.id, id))
        error = error_make(ERROR_GONE, ESRCH, "prove a process's identity", NULL);
    /* If the process has died, what was read may belong to its number's next owner. */
    if (os_process_ended(&process))
        error = error_make(ERROR_GONE, ESRCH, "open a process", NULL);
    if (error.code) {
        os_process_close(&process);
        return error;
    }
    process.id = row.id;
    *out = process;
    return ERROR_OK;
}

struct error os_process_watch(int32_t pid, struct os_process *out)
{
    int handle = handle_above_streams(sys_pidfd_open(pid));
    if (handle < 0)
        return open_failed(errno);
    *out = (struct os_process){{pid, 0}, handle};
    return ERROR_OK;
}

struct error os_process_self_open(struct os_process *out)
{
    struct os_process self;
    struct error error = os_process_watch(getpid(), &self);
    if (error.code)
        return error;
    if (sys_pidfd_send_signal((int)self.handle, 0) < 0) {
        error = error_make(ERROR_UNSUPPORTED, errno, "signal a process by pidfd", let_pidfd_pass);
        os_process_close(&self);
        return error;
    }
    *out = self;
    return ERROR_OK;
}

struct error os_can_signal(void)
{
    struct os_process self;
    struct error error = os_process_self_open(&self);
    if (!error.code)
        os_process_close(&self);
    return error;
}

struct error os_can_look_up(void)
{
    return proc_is_ours() ? ERROR_OK : proc_missing("look up a process by its number");
}

void os_process_close(struct os_process *process)
{
    if (process->handle != OS_NO_HANDLE)
        close((int)process->handle);
    process->handle = OS_NO_HANDLE;
}

bool os_process_ended(const struct os_process *process)
{
    struct pollfd ready = {.fd = (int)process->handle, .events = POLLIN};
    int got = ready_wait(&ready, 1, &NOW);
    /* Retried: a dead wrapper that is taken for a living one would not be replaced. */
    for (int tries = 1; got < 0 && tries < POLL_TRIES; tries++)
        got = ready_wait(&ready, 1, &NOW);
    return got == 1 && (ready.revents & (POLLIN | POLLHUP));
}

/* The number is looked up while a handle is held, so that the row is not a mixture of two processes
 * that had it one after the other. */
struct error os_process_row(int32_t pid, struct process_row *out)
{
    int pidfd = sys_pidfd_open(pid);
    struct error error = proc_stat(pid, out);
    if (pidfd < 0)
        return error;
    if (!error.code)
        out->id.serial = pidfd_serial(pidfd);
    close(pidfd);
    return error;
}

struct error os_process_command(int32_t pid, char *out, size_t capacity)
{
    static const char what[] = "read a process's command line";
    ssize_t size = proc_read(pid, "cmdline", out, capacity);
    if (size < 0)
        return proc_failed((int)-size, what);
    if ((size_t)size + 1 >= capacity)
        return error_make(ERROR_SYSTEM, E2BIG, what, NULL);
    while (size > 0 && out[size - 1] == '\0')
        size--;
    for (ssize_t i = 0; i < size; i++)
        if (out[i] == '\0')
            out[i] = ' ';
    return ERROR_OK;
}

bool os_process_is_there(struct process_identity id)
{
    struct process_row row = {0};
    struct error error = os_process_row(id.pid, &row);
    return error.code ? error.code != ERROR_GONE : process_is_same(row.id, id);
}

int32_t os_process_tracer(int32_t pid)
{
    char text[2048];
    if (proc_read(pid, "status", text, sizeof text) <= 0)
        return 0;
    const char *at = strstr(text, "\nTracerPid:\t");
    if (!at)
        return 0;
    at += strlen("\nTracerPid:\t");
    return (int32_t)text_number(&at);
}

int32_t os_process_self(void)
{
    return getpid();
}

int32_t os_process_session(void)
{
    return getsid(0);
}

int32_t os_process_parent(void)
{
    return getppid();
}

/* Not the last field of /proc/loadavg: in a container that file may come from lxcfs, seconds
 * old. */
int32_t os_process_newest(void)
{
    char text[32];
    const char *at = text;
    if (proc_read_path("/proc/sys/kernel/ns_last_pid", text, sizeof text) <= 0)
        return 0;
    return (int32_t)text_number(&at);
}

/* A parent's number is read from its child, which may be reparented before the number is looked up.
 * No parent is younger than its child, and that check also ends the walk if it ever led back. */
void os_process_ancestry(os_process_told *told, void *context)
{
    struct process_row row = {.id.pid = getpid(), .ppid = getppid()};
    os_process_row(getpid(), &row);
    told(context, row.id);
    while (row.ppid > 0) {
        struct process_row parent = {.id.pid = row.ppid};
        bool seen = !os_process_row(row.ppid, &parent).code;
        if (seen && row.id.start != 0 && parent.id.start > row.id.start)
            break;
        told(context, parent.id);
        if (!seen)
            break;
        row = parent;
    }
}
