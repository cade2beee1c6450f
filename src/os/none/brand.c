/* There is no mark that a child inherits and cannot remove. */
#include "os/brand.h"

#include "os/none/absent.h"

struct error os_brand_get(int32_t pid, struct brand_pair *out)
{
    (void)pid;
    (void)out;
    return absent("read the brand");
}

struct error os_brand_set(const struct os_process *process, struct brand_pair pair)
{
    (void)process;
    (void)pair;
    return absent("set the brand");
}

bool os_may_raise_limits(void)
{
    return false;
}
