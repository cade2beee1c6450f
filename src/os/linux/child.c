#include "os/child.h"
#include "base/text.h"

#include "os/linux/path.h"
#include "os/linux/proc.h"

#include <errno.h>
#include <sys/wait.h>

enum os_reaped os_child_reap(struct os_exit *out)
{
    static const enum os_exit_kind kinds[] = {
        [CLD_EXITED] = EXIT_CODE,     [CLD_KILLED] = EXIT_SIGNAL,
        [CLD_DUMPED] = EXIT_SIGNAL,   [CLD_STOPPED] = EXIT_STOPPED,
        [CLD_TRAPPED] = EXIT_STOPPED, [CLD_CONTINUED] = EXIT_CONTINUED,
    };
    siginfo_t info = {.si_pid = 0};
    int result;
    /* The signal that told of it is read already: an end that is not heard now never is. */
    do
        result = waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WCONTINUED | WNOHANG);
    while (result < 0 && errno == EINTR);
    if (result < 0)
        return errno == ECHILD ? REAPED_NO_CHILDREN : REAPED_NONE_NOW;
    if (info.si_pid == 0)
        return REAPED_NONE_NOW;
    *out = (struct os_exit){info.si_pid, kinds[info.si_code], (uint32_t)info.si_status};
    return REAPED_ONE;
}

uint32_t os_status_most(void)
{
    return 255;
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

/* The wrapper has one thread: its children are the process's. */
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
