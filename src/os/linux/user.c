/* The real user of a process: the one thing about a brand that its carrier cannot choose. */
#include "os/linux/user.h"
#include "base/text.h"
#include "os/linux/brand.h"
#include "os/linux/proc.h"
#include "os/linux/sys.h"
#include "os/os.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>

/* Linux 6.13: the first version has 64 bytes, and credentials among them. */
struct pidfd_info64 {
    uint64_t mask;
    uint64_t cgroup;
    uint32_t ids[3];
    uint32_t real_user;
    uint32_t rest[8];
};

#define PIDFD_INFO_WITH_CREDENTIALS (1ULL << 1)
#define PIDFD_INFO_64               _IOWR(0xff, 11, struct pidfd_info64)

_Static_assert(sizeof(struct pidfd_info64) == 64, "as in the kernel's first version");

#define OVERFLOW_USER 65534
#define ALL_USERS     UINT32_MAX

static bool is_overflow(uint32_t user)
{
    char text[32];
    const char *at = text;
    if (proc_read_path("/proc/sys/kernel/overflowuid", text, sizeof text) <= 0)
        return user == OVERFLOW_USER;
    return user == text_number(&at);
}

static uint64_t next_number(const char **at)
{
    while (**at == ' ' || **at == '\n')
        (*at)++;
    return text_number(at);
}

/* Lines of "inside outside count". Before Linux 4.15 there are at most five, since then 340. Lines
 * that do not fit into the buffer count as not mapped. */
static bool maps_all_users(void)
{
    char text[1024];
    const char *at = text;
    uint64_t mapped = 0;
    ssize_t got = proc_read_path("/proc/self/uid_map", text, sizeof text);
    if (got == -ENOENT)
        return true; /* a kernel without user namespaces, or no procfs */
    while (got > 0 && *at != '\0') {
        next_number(&at);
        next_number(&at);
        mapped += next_number(&at);
        if (*at != '\n')
            break;
        at++;
    }
    return mapped >= ALL_USERS;
}

bool user_is_ambiguous(uint32_t user)
{
    return is_overflow(user) && !maps_all_users();
}

static bool user_from_pidfd(int32_t pid, uint32_t *out)
{
    struct pidfd_info64 info = {.mask = PIDFD_INFO_WITH_CREDENTIALS};
    int pidfd = sys_pidfd_open(pid);
    bool told = pidfd >= 0 && ioctl(pidfd, PIDFD_INFO_64, &info) == 0 &&
                info.mask & PIDFD_INFO_WITH_CREDENTIALS;
    if (pidfd >= 0)
        close(pidfd);
    if (told)
        *out = info.real_user;
    return told;
}

static struct error user_from_status(int32_t pid, uint32_t *out)
{
    static const char label[] = "\nUid:\t";
    char text[2048];
    ssize_t got = proc_read(pid, "status", text, sizeof text);
    const char *at = got > 0 ? strstr(text, label) : NULL;
    if (!at)
        return proc_failed(got < 0 ? (int)-got : ESRCH, "read a process's user in /proc");
    at += sizeof label - 1;
    *out = (uint32_t)text_number(&at);
    return ERROR_OK;
}

/* Without the right to raise limits, the kernel shows us only the limits of our own user's
 * processes. If that works, no file is needed. */
struct error os_process_user(int32_t pid, uint32_t *out)
{
    struct brand_pair unused;
    if (pid == getpid() || (!os_may_raise_limits() && brand_get_own(pid, &unused))) {
        *out = getuid();
        return ERROR_OK;
    }
    struct error error = user_from_pidfd(pid, out) ? ERROR_OK : user_from_status(pid, out);
    /* The kernel lets no process signal a process of another user that is not mapped. */
    if (!error.code && user_is_ambiguous(*out) && kill(pid, 0) < 0)
        error = proc_failed(errno, "distinguish a process's user from others that are not mapped");
    return error;
}

uint32_t os_user(void)
{
    return geteuid();
}
