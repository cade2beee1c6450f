#include "os/pages.h"

#include <sys/mman.h>

void *os_pages(size_t bytes)
{
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return pages == MAP_FAILED ? NULL : pages;
}

void *os_pages_unforked(size_t bytes)
{
    void *pages = os_pages(bytes);
    if (pages && madvise(pages, bytes, MADV_WIPEONFORK) < 0) {
        os_pages_free(pages, bytes);
        return NULL;
    }
    return pages;
}

void *os_pages_shared(size_t bytes)
{
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return pages == MAP_FAILED ? NULL : pages;
}

void os_pages_free(void *pages, size_t bytes)
{
    if (pages)
        munmap(pages, bytes);
}
