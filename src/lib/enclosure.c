#include "lib/enclosure.h"

static struct {
    struct os_lock lock;
    struct os_container container;
    int guards;
    bool made;
} process;

void enclosure_join(void)
{
    os_lock_take(&process.lock);
    process.guards++;
    os_lock_give(&process.lock);
}

void enclosure_part(void)
{
    os_lock_take(&process.lock);
    if (--process.guards == 0 && process.made)
        os_enclosure_leave(&process.container);
    os_lock_give(&process.lock);
}

os_handle enclosure_handle(void)
{
    os_lock_take(&process.lock);
    if (!process.made)
        process.made = !os_enclosure_make(&process.container).code;
    os_handle handle = process.made ? process.container.handle : OS_NO_HANDLE;
    os_lock_give(&process.lock);
    return handle;
}

bool enclosure_enter(void)
{
    os_lock_take(&process.lock);
    bool entered = process.made && !os_enclosure_enter(&process.container).code;
    os_lock_give(&process.lock);
    return entered;
}
