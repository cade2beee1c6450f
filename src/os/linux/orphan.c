/* Processes that belong to nobody: the library's sentinel. */
#include "os/linux/sys.h"
#include "os/os.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define FIRST_HANDLE 3
#define HANDLES_AT_MOST 8

struct orphan {
    const char *path;
    const os_handle *handles;
    size_t count;
    volatile int os_code; /* of a failed exec: the memory is shared */
};

/* Out of the way first, so that no target number is overwritten before it is read. */
static bool place_handles(const struct orphan *orphan)
{
    int moved[HANDLES_AT_MOST];
    for (size_t i = 0; i < orphan->count; i++)
        if ((moved[i] = fcntl((int)orphan->handles[i], F_DUPFD_CLOEXEC, 64)) < 0)
            return false;
    for (size_t i = 0; i < orphan->count; i++)
        if (dup2(moved[i], FIRST_HANDLE + (int)i) < 0)
            return false;
    return true;
}

static _Noreturn void orphan_exec(struct orphan *orphan)
{
    char *argv[] = {(char *)"treefall-sentinel", NULL};
    char *environment[] = {NULL};
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (place_handles(orphan))
        execve(orphan->path, argv, environment);
    orphan->os_code = errno;
    _exit(127);
}

/* Both children borrow our memory and we wait meanwhile, as with vfork: nothing is copied, and no
 * fork handler (Python's, a debugger's) runs. Without an exit signal a wait for any child does not
 * see the one in the middle. */
static pid_t borrow(int (*body)(void *), void *context)
{
    static const size_t stack_bytes = 32768;
    char *stack = os_pages(stack_bytes);
    if (!stack)
        return -1;
    pid_t pid = clone(body, stack + stack_bytes, CLONE_VM | CLONE_VFORK, context);
    int os_code = errno;
    os_pages_free(stack, stack_bytes);
    errno = os_code;
    return pid;
}

static int second(void *context)
{
    orphan_exec(context);
}

static int first(void *context)
{
    struct orphan *orphan = context;
    if (borrow(second, orphan) < 0)
        orphan->os_code = errno;
    _exit(0);
}

struct error os_spawn_orphan(const char *path, const os_handle *handles, size_t count)
{
    struct orphan orphan = {.path = path, .handles = handles, .count = count};
    pid_t middle = borrow(first, &orphan);
    if (middle < 0)
        return error_make(ERROR_SYSTEM, errno, "start the sentinel", NULL);
    while (waitpid(middle, NULL, __WALL) < 0 && errno == EINTR)
        ;
    if (orphan.os_code == 0)
        return ERROR_OK;
    return error_make(orphan.os_code == ENOENT ? ERROR_NOT_FOUND : ERROR_SYSTEM, orphan.os_code,
                      "start the sentinel", "set TREEFALL_SENTINEL to the treefall-sentinel program");
}

void os_detach(os_handle first_closed)
{
    int null = open("/dev/null", O_RDWR);
    setsid();
    for (int fd = 0; fd < FIRST_HANDLE; fd++)
        if (null >= 0 && null != fd)
            dup2(null, fd);
    syscall(SYS_close_range, (unsigned)first_closed, ~0U, 0);
    if (chdir("/") < 0)
        return;
}

void os_print(os_handle handle, const char *text)
{
    ssize_t ignored = write((int)handle, text, strlen(text));
    (void)ignored;
}

bool os_path_beside(const char *name, char *path, size_t capacity)
{
    Dl_info here;
    if (!dladdr((void *)(uintptr_t)os_path_beside, &here) || !here.dli_fname)
        return false;
    const char *slash = strrchr(here.dli_fname, '/');
    size_t folder = slash ? (size_t)(slash - here.dli_fname) + 1 : 0;
    if (folder + strlen(name) + 1 > capacity)
        return false;
    memcpy(path, here.dli_fname, folder);
    strcpy(path + folder, name);
    return true;
}

bool os_is_program(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 && S_ISREG(found.st_mode) && access(path, X_OK) == 0;
}
