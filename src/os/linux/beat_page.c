#include "os/linux/bytes.h"
#include "os/linux/handle.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

static struct error page_failed(int os_code)
{
    return error_make(os_code == ENOSYS ? ERROR_UNSUPPORTED : ERROR_SYSTEM, os_code,
                      "create the heartbeat page", NULL);
}

struct error os_beat_page_make(os_handle *handle, struct beat_page **out)
{
    void *page = MAP_FAILED;
    int memory = handle_above_streams(memfd_create("treefall", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (memory < 0)
        return page_failed(errno);
    if (bytes_extend(memory, sizeof **out) == 0 && fcntl(memory, F_ADD_SEALS, SEALS) == 0)
        page = mmap(NULL, sizeof **out, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    if (page == MAP_FAILED || madvise(page, sizeof **out, MADV_DONTFORK) < 0) {
        int os_code = errno;
        if (page != MAP_FAILED)
            munmap(page, sizeof **out);
        close(memory);
        return page_failed(os_code);
    }
    *handle = memory;
    *out = page;
    return ERROR_OK;
}

/* If the page could shrink, its reader would die of SIGBUS. */
static bool is_sealed_page(int memory)
{
    struct stat stat;
    int seals = fcntl(memory, F_GET_SEALS);
    return seals >= 0 && (seals & F_SEAL_SHRINK) && fstat(memory, &stat) == 0 &&
           stat.st_size >= (off_t)sizeof(struct beat_page);
}

struct error os_beat_page_map(os_handle handle, const struct beat_page **out)
{
    if (!is_sealed_page((int)handle))
        return error_make(ERROR_UNSAFE, 0, "map the heartbeat page",
                          "pass the handle that os_beat_page_make gave");
    void *page = mmap(NULL, sizeof **out, PROT_READ, MAP_SHARED, (int)handle, 0);
    if (page == MAP_FAILED)
        return error_make(ERROR_SYSTEM, errno, "map the heartbeat page", NULL);
    *out = page;
    return ERROR_OK;
}

void os_beat_page_unmap(const struct beat_page *page)
{
    munmap((void *)page, sizeof *page);
}
