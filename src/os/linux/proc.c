#include "os/linux/proc.h"
#include "base/text.h"
#include "os/linux/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STAT_BYTES     1024
#define EARLIEST_START 1
#define PF_KTHREAD     0x00200000

bool proc_path(char *out, size_t capacity, pid_t pid, const char *name)
{
    size_t length = strlen(name);
    if (capacity < length + sizeof "/proc/2147483647/")
        return false;
    memcpy(out, "/proc/", 6);
    size_t used = 6;
    if (pid == 0) {
        memcpy(out + used, "self", 4);
        used += 4;
    } else {
        used += text_decimal(out + used, (uint64_t)pid);
    }
    out[used++] = '/';
    memcpy(out + used, name, length + 1);
    return true;
}

static ssize_t read_all(int fd, char *out, size_t capacity)
{
    size_t used = 0;
    ssize_t got = 1;
    while (used + 1 < capacity && got > 0) {
        got = read(fd, out + used, capacity - 1 - used);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            used += (size_t)got;
    }
    out[used] = '\0';
    return got < 0 ? -errno : (ssize_t)used;
}

ssize_t proc_read_path(const char *path, char *out, size_t capacity)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t got = read_all(fd, out, capacity);
    close(fd);
    return got;
}

/* "NSpid:\t4711\t7": the number in the namespace of the mount first, ours last. Before Linux 4.1
 * there is no such line. The line with up to 65,536 groups may come before it. A stack page that
 * nothing else touches costs each process a page fault, so the file is read in pieces. */
static bool is_of_our_namespace(int status)
{
    static const char label[] = "\nNSpid:\t";
    char text[256];
    size_t kept = 0;
    ssize_t got;
    while ((got = read(status, text + kept, sizeof text - 1 - kept)) > 0) {
        size_t used = kept + (size_t)got;
        text[used] = '\0';
        const char *at = strstr(text, label);
        const char *end = at ? strchr(at + 1, '\n') : NULL;
        if (end) {
            at += sizeof label - 1;
            text_number(&at);
            return at == end;
        }
        kept = used < 128 ? used : 128; /* keep a line that is cut in two */
        memmove(text, text + used - kept, kept);
    }
    return true;
}

static _Atomic pid_t known; /* the process for which /proc is known to match */

void proc_inherit(bool is_ours)
{
    if (is_ours)
        atomic_store(&known, getpid());
}

/* A number that happens to be the same in both namespaces proves nothing, so NSpid is checked. */
bool proc_is_ours(void)
{
    char text[16] = {0};
    const char *at = text;
    pid_t self = getpid();
    if (atomic_load(&known) == self)
        return true;
    ssize_t length = readlink("/proc/self", text, sizeof text - 1);
    /* Without procfs the name does not exist. Any other failure says nothing about that. */
    if (length < 0 && errno != ENOENT)
        return true;
    if (length <= 0 || text_number(&at) != (uint64_t)self)
        return false;
    int status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (status < 0)
        return true;
    bool ours = is_of_our_namespace(status);
    close(status);
    if (ours)
        atomic_store(&known, self);
    return ours;
}

struct error proc_missing(const char *what)
{
    if (access("/proc/1/stat", F_OK) < 0)
        return error_make(ERROR_UNSUPPORTED, 0, what, "mount procfs on /proc");
    return error_make(ERROR_UNSUPPORTED, 0, what,
                      "/proc belongs to another pid namespace: mount procfs on it in this one "
                      "(unshare --mount-proc)");
}

ssize_t proc_read(pid_t pid, const char *name, char *out, size_t capacity)
{
    char path[64];
    if (pid != 0 && !proc_is_ours())
        return -ENOTSUP;
    if (!proc_path(path, sizeof path, pid, name))
        return -ENAMETOOLONG;
    return proc_read_path(path, out, capacity);
}

static enum process_state state_of(char letter, uint32_t threads)
{
    switch (letter) {
    case 'T':
        return PROCESS_STOPPED;
    case 't':
        return PROCESS_TRACED;
    case 'D':
        return PROCESS_DISK;
    case 'Z':
    case 'X':
        /* A leader that called pthread_exit is a zombie while its other threads run. */
        return threads > 1 ? PROCESS_RUNS : PROCESS_DEAD;
    default:
        return PROCESS_RUNS;
    }
}

static const char *skip_fields(const char *text, int count)
{
    while (count > 0 && *text)
        if (*text++ == ' ')
            count--;
    return text;
}

/* If a time namespace's clock began after a process started, that process has a negative start,
 * which reads as a huge unsigned number. All our own processes are younger. Its number can be
 * reused only from now on, and the new process's start is positive. */
static uint64_t start_of(uint64_t ticks)
{
    const uint64_t seconds = (uint64_t)INT64_MAX / 1000000000;
    const uint64_t first_negative = seconds * (uint64_t)sysconf(_SC_CLK_TCK);
    return ticks < first_negative ? ticks : EARLIEST_START;
}

/* "pid (name) S ppid group session tty tpgid flags(9) ... threads(20) itreal start(22)".
 * The name may hold spaces, parentheses and newlines: it ends at the last ')'. */
static bool stat_parse(const char *text, struct process_row *row)
{
    const char *open = strchr(text, '(');
    const char *close = strrchr(text, ')');
    if (!open || !close || close < open || strlen(close) < 4)
        return false;
    size_t length = (size_t)(close - open - 1);
    if (length >= PROCESS_NAME_BYTES)
        length = PROCESS_NAME_BYTES - 1;
    memcpy(row->name, open + 1, length);
    row->name[length] = '\0';
    char letter = close[2];
    const char *at = close + 4;
    row->ppid = (int32_t)text_number(&at);
    at = skip_fields(at, 1);
    row->group = (int32_t)text_number(&at);
    at = skip_fields(at, 1);
    row->session = (int32_t)text_number(&at);
    at = skip_fields(at, 3);
    row->is_kernels = text_number(&at) & PF_KTHREAD;
    at = skip_fields(at, 11);
    row->threads = (uint32_t)text_number(&at);
    at = skip_fields(at, 2);
    row->id.start = start_of(text_number(&at));
    row->state = state_of(letter, row->threads);
    return true;
}

struct error proc_failed(int os_code, const char *what)
{
    switch (os_code) {
    case ENOENT:
    case ESRCH:
        return error_make(ERROR_GONE, os_code, what, NULL);
    case EACCES:
    case EPERM:
        return error_make(ERROR_DENIED, os_code, what,
                          "mount procfs readable (hidepid=0), or run as root");
    default:
        return error_make(ERROR_SYSTEM, os_code, what, sys_advice(os_code));
    }
}

static struct error stat_failed(int os_code)
{
    return proc_failed(os_code, "read a process's state in /proc");
}

static struct error stat_once(pid_t pid, struct process_row *row)
{
    char path[64];
    char text[STAT_BYTES];
    struct stat owner = {0};
    struct process_row fresh = {.id.pid = pid};
    proc_path(path, sizeof path, pid, "stat");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return stat_failed(errno);
    fstat(fd, &owner);
    ssize_t got = read_all(fd, text, sizeof text);
    close(fd);
    if (got <= 0)
        return stat_failed(got < 0 ? (int)-got : ESRCH);
    if (!stat_parse(text, &fresh))
        return stat_failed(EIO);
    fresh.uid = owner.st_uid;
    fresh.brand = row->brand;
    fresh.brand_known = row->brand_known;
    fresh.user = row->user;
    fresh.user_known = row->user_known;
    *row = fresh;
    return ERROR_OK;
}

/* Retries if the first failure says nothing about the process: if a process is missed, its children
 * are taken for strangers'. */
struct error proc_stat(pid_t pid, struct process_row *row)
{
    if (!proc_is_ours())
        return proc_missing("read a process's state");
    struct error error = stat_once(pid, row);
    return error.code && error.code != ERROR_GONE ? stat_once(pid, row) : error;
}
