#include "os/subreaper.h"

#include "base/text.h"
#include "os/linux/path.h"
#include "os/linux/proc.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/wait.h>

struct error os_subreaper_become(void)
{
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) == 0)
        return ERROR_OK;
    return error_make(ERROR_UNSUPPORTED, errno, "become a subreaper", NULL);
}

bool os_has_children(void)
{
    siginfo_t unused;
    return waitid(P_ALL, 0, &unused, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
}

static size_t read_children(const char *path, int32_t *pids, size_t capacity)
{
    char text[4096];
    size_t count = 0;
    const char *at = text;
    if (!proc_is_ours() || proc_read_path(path, text, sizeof text) <= 0)
        return 0;
    while (*at && count < capacity) {
        int32_t pid = (int32_t)text_number(&at);
        if (pid > 0)
            pids[count++] = pid;
        if (*at)
            at++;
    }
    return count;
}

/* The wrapper has one thread, so the children of the thread are those of the process. */
size_t os_children(int32_t *pids, size_t capacity)
{
    return read_children("/proc/thread-self/children", pids, capacity);
}

size_t os_children_of(int32_t parent, int32_t *pids, size_t capacity)
{
    char path[64] = "/proc/";
    bool fits = path_append_number(path, sizeof path, (uint64_t)parent) &&
                path_append(path, sizeof path, "/task/") &&
                path_append_number(path, sizeof path, (uint64_t)parent) &&
                path_append(path, sizeof path, "/children");
    return fits ? read_children(path, pids, capacity) : 0;
}
