/* The brand is stored in RLIMIT_LOCKS, which Linux has not enforced since 2.4.25. */
#include "os/linux/brand.h"
#include "base/text.h"
#include "os/linux/proc.h"
#include "os/os.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Values are 64 bits on every architecture, unlike in struct rlimit. */
struct limit64 {
    uint64_t soft;
    uint64_t hard;
};

/* A limit that is not a brand, and is below all brands. */
#define NO_BRAND ((1ULL << 62) - 1)

static int limit_call(int32_t pid, const struct limit64 *set, struct limit64 *get)
{
    return (int)syscall(SYS_prlimit64, pid, RLIMIT_LOCKS, set, get);
}

static const char *skip_blanks(const char *at)
{
    while (*at == ' ')
        at++;
    return at;
}

static uint64_t limit_number(const char **at)
{
    *at = skip_blanks(*at);
    if (strncmp(*at, "unlimited", 9) == 0) {
        *at += 9;
        return BRAND_UNLIMITED;
    }
    return text_number(at);
}

/* The file is world-readable. prlimit fails with EPERM for another user's process, or for a set-uid
 * child that we may nevertheless signal. */
static struct error brand_from_limits(int32_t pid, struct brand_pair *out)
{
    static const char label[] = "\nMax file locks ";
    char text[4096];
    ssize_t got = proc_read(pid, "limits", text, sizeof text);
    const char *at = got > 0 ? strstr(text, label) : NULL;
    if (!at)
        return error_make(got == 0 || got == -ENOENT || got == -ESRCH ? ERROR_GONE : ERROR_DENIED,
                          got < 0 ? (int)-got : EIO, "read a process's limits", NULL);
    at += sizeof label - 1;
    uint64_t soft = limit_number(&at);
    *out = (struct brand_pair){.soft = soft, .hard = limit_number(&at)};
    return ERROR_OK;
}

bool brand_get_own(int32_t pid, struct brand_pair *out)
{
    struct limit64 limit;
    if (limit_call(pid, NULL, &limit) < 0)
        return false;
    *out = (struct brand_pair){limit.soft, limit.hard};
    return true;
}

struct error os_brand_get(int32_t pid, struct brand_pair *out)
{
    if (brand_get_own(pid, out))
        return ERROR_OK;
    if (errno == ESRCH)
        return error_make(ERROR_GONE, errno, "read a process's brand", NULL);
    return brand_from_limits(pid, out);
}

struct error brand_get_signalable(int32_t pid, struct brand_pair *out)
{
    if (brand_get_own(pid, out))
        return ERROR_OK;
    if (errno == ESRCH || kill(pid, 0) < 0)
        return error_make(ERROR_DENIED, errno, "read a process's brand", NULL);
    return brand_from_limits(pid, out);
}

/* The number passed to a stranger before the brand was set, and the stranger now carries it.
 * Restore its limit or, because a limit can only be lowered, set one that is not a brand. Linux
 * enforces neither. */
static void take_back(int32_t pid, struct limit64 ours, struct limit64 before)
{
    struct limit64 now;
    const struct limit64 none = {before.soft < NO_BRAND ? before.soft : NO_BRAND, NO_BRAND};
    if (limit_call(pid, NULL, &now) < 0 || now.soft != ours.soft || now.hard != ours.hard)
        return;
    if (limit_call(pid, &before, NULL) < 0)
        limit_call(pid, &none, NULL);
}

/* prlimit(2) takes a number. The number belongs to the process as long as the process has not
 * exited, so the handle is checked before and after the call. */
static struct error set_on(const struct os_process *process, struct limit64 limit)
{
    struct limit64 before;
    int32_t pid = process->id.pid;
    if (os_process_ended(process))
        return error_make(ERROR_GONE, ESRCH, "brand a process", NULL);
    if (limit_call(pid, &limit, &before) < 0)
        return error_make(
            errno == ESRCH ? ERROR_GONE : ERROR_DENIED, errno, "brand a process",
            "it belongs to another user, or already has a lower limit of file locks (ulimit -x)");
    if (!os_process_ended(process))
        return ERROR_OK;
    if (before.soft != limit.soft || before.hard != limit.hard)
        take_back(pid, limit, before);
    return error_make(ERROR_GONE, ESRCH, "brand a process", NULL);
}

struct error os_brand_set(const struct os_process *process, struct brand_pair pair)
{
    struct limit64 limit = {pair.soft, pair.hard};
    if (process)
        return set_on(process, limit);
    if (limit_call(0, &limit, NULL) == 0)
        return ERROR_OK;
    return error_make(ERROR_DENIED, errno, "brand a process", NULL);
}

bool os_may_raise_limits(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (syscall(SYS_capget, &header, data) < 0)
        return true;
    return data[0].effective >> CAP_SYS_RESOURCE & 1;
}
