#include "os/linux/limits.h"

#include "os/linux/sys.h"
#include "os/os.h"

#include <fcntl.h>
#include <sys/resource.h>

#define SPARE_AT_MOST 32

/* Process-wide, like the limits themselves. A soft limit on processor time sends SIGXCPU each
 * second, a soft limit on file size truncates the report, and limits on memory deny a page or a
 * stack. */
static struct limit {
    int resource;
    struct rlimit inherited;
    bool raised;
} limits[] = {
    {.resource = RLIMIT_NOFILE}, {.resource = RLIMIT_CPU}, {.resource = RLIMIT_RTTIME},
    {.resource = RLIMIT_FSIZE},  {.resource = RLIMIT_AS},  {.resource = RLIMIT_DATA},
};

#define LIMIT_COUNT (sizeof limits / sizeof *limits)

void os_limits_raise(void)
{
    for (struct limit *at = limits; at < limits + LIMIT_COUNT; at++) {
        if (getrlimit(at->resource, &at->inherited) < 0 ||
            at->inherited.rlim_cur == at->inherited.rlim_max)
            continue;
        const struct rlimit wanted = {at->inherited.rlim_max, at->inherited.rlim_max};
        at->raised = setrlimit(at->resource, &wanted) == 0;
    }
}

void limits_give_back(void)
{
    for (struct limit *at = limits; at < limits + LIMIT_COUNT; at++)
        if (at->raised)
            setrlimit(at->resource, &at->inherited);
}

static struct error spare_descriptors(size_t count)
{
    int spare[SPARE_AT_MOST];
    size_t got = 0;
    while (got < count && got < SPARE_AT_MOST &&
           (spare[got] = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)) >= 0)
        got++;
    int os_code = errno;
    for (size_t i = 0; i < got; i++)
        close(spare[i]);
    return got == count
               ? ERROR_OK
               : error_make(ERROR_SYSTEM, os_code, "reserve descriptors", sys_advice(os_code));
}

struct error os_limits_suffice(size_t descriptors)
{
    struct rlimit time;
    uint32_t ready;
    /* The kernel would kill each guard at its first tick. */
    if (getrlimit(RLIMIT_CPU, &time) == 0 && time.rlim_max == 0)
        return error_make(ERROR_REFUSED, 0, "guard with no processor time left",
                          "raise the limit of processor time (ulimit -t)");
    /* A seccomp filter may deny waiting. Then no guard could work, and a ward that is watched
     * already would be killed. */
    struct error error = os_wait(NULL, 0, 0, &ready);
    return error.code ? error : spare_descriptors(descriptors);
}
