/* The brand lives in RLIMIT_LOCKS, which Linux enforces nothing with since 2.4.25. */
#include "os/linux/brand.h"
#include "os/linux/proc.h"
#include "os/os.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* 64-bit values on every architecture, unlike struct rlimit. */
struct limit64 {
    uint64_t soft;
    uint64_t hard;
};

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
    return proc_number(at);
}

/* World-readable, where prlimit answers EPERM: another user's, or a set-uid child that we may
 * nevertheless signal. */
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

struct error os_brand_get(int32_t pid, struct brand_pair *out)
{
    struct limit64 limit;
    if (limit_call(pid, NULL, &limit) == 0) {
        *out = (struct brand_pair){limit.soft, limit.hard};
        return ERROR_OK;
    }
    if (errno == ESRCH)
        return error_make(ERROR_GONE, errno, "read a process's brand", NULL);
    return brand_from_limits(pid, out);
}

struct error brand_get_signalable(int32_t pid, struct brand_pair *out)
{
    struct limit64 limit;
    if (limit_call(pid, NULL, &limit) < 0) {
        if (errno == ESRCH || kill(pid, 0) < 0)
            return error_make(ERROR_DENIED, errno, "read a process's brand", NULL);
        return brand_from_limits(pid, out);
    }
    *out = (struct brand_pair){limit.soft, limit.hard};
    return ERROR_OK;
}

struct error os_brand_set(int32_t pid, struct brand_pair pair)
{
    struct limit64 limit = {pair.soft, pair.hard};
    if (limit_call(pid, &limit, NULL) == 0)
        return ERROR_OK;
    if (errno == ESRCH)
        return error_make(ERROR_GONE, errno, "brand a process", NULL);
    return error_make(ERROR_DENIED, errno, "brand a process",
                      "it belongs to another user, or has a lower limit of file locks (ulimit -x) "
                      "already");
}

bool os_may_raise_limits(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (syscall(SYS_capget, &header, data) < 0)
        return true;
    return data[0].effective >> CAP_SYS_RESOURCE & 1;
}
