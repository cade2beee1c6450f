/* There is no fork: each guard is a program that is started. */
#include "os/fork.h"

#include "os/none/absent.h"

struct error os_fork_guard(const char *name, int (*body)(void *context), void *context,
                           struct os_process *out)
{
    (void)name;
    (void)body;
    (void)context;
    (void)out;
    return absent("fork a guard");
}

void os_session_own(void)
{
}

struct error os_fork_detached(const char *name, int (*body)(void *context), void *context,
                              struct os_process *out)
{
    return os_fork_guard(name, body, context, out);
}
