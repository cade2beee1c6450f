#include "os/linux/runtime_folder.h"
#include "os/os.h"

void os_leftovers_remove(void)
{
    runtime_sweep();
    os_container_prune();
}
