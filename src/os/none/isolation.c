/* No pid namespaces. */
#include "os/isolation.h"

bool os_has_isolation(void)
{
    return false;
}
