#include "os/linux/descriptors.h"

#include "os/linux/sys.h"
#include "os/os.h"

#include <fcntl.h>
#include <sys/resource.h>

#define SPARE_AT_MOST 32

/* Process-wide as the limit itself. */
static struct rlimit inherited;
static bool raised;

void os_files_raise(void)
{
    struct rlimit wanted;
    if (getrlimit(RLIMIT_NOFILE, &inherited) < 0)
        return;
    wanted = (struct rlimit){inherited.rlim_max, inherited.rlim_max};
    raised = setrlimit(RLIMIT_NOFILE, &wanted) == 0;
}

void descriptors_give_back(void)
{
    if (raised)
        setrlimit(RLIMIT_NOFILE, &inherited);
}

struct error os_files_spare(size_t count)
{
    int spare[SPARE_AT_MOST];
    size_t got = 0;
    while (got < count && got < SPARE_AT_MOST &&
           (spare[got] = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)) >= 0)
        got++;
    int os_code = errno;
    for (size_t i = 0; i < got; i++)
        close(spare[i]);
    return got == count ? ERROR_OK
                        : error_make(ERROR_SYSTEM, os_code, "keep descriptors in reserve",
                                     sys_advice(os_code));
}
