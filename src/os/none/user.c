/* No user numbers. */
#include "os/user.h"

#include "os/none/absent.h"

uint32_t os_user(void)
{
    return 0;
}

struct error os_process_user(int32_t pid, uint32_t *out)
{
    (void)pid;
    (void)out;
    return absent("read a process's user");
}
