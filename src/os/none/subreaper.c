/* A process cannot adopt the orphans below it. */
#include "os/subreaper.h"

#include "os/none/absent.h"

struct error os_subreaper_become(void)
{
    return absent("adopt orphans");
}

size_t os_children(int32_t *pids, size_t capacity)
{
    (void)pids;
    (void)capacity;
    return 0;
}

size_t os_children_of(int32_t parent, int32_t *pids, size_t capacity)
{
    (void)parent;
    return os_children(pids, capacity);
}

bool os_has_children(void)
{
    return false;
}
