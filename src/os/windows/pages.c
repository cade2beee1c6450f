#include "os/windows/win.h"

void *os_pages(size_t bytes)
{
    return VirtualAlloc(NULL, bytes, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
}

void os_pages_free(void *pages, size_t bytes)
{
    (void)bytes;
    if (pages)
        VirtualFree(pages, 0, MEM_RELEASE);
}

/* There is no fork here. */
void *os_pages_shared(size_t bytes)
{
    return os_pages(bytes);
}

void *os_pages_unforked(size_t bytes)
{
    return os_pages(bytes);
}
