#include "os/windows/object.h"

struct error os_beat_page_make(os_handle *handle, struct beat_page **out)
{
    static const char what[] = "create the heartbeat page";
    HANDLE mapping =
        CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof **out, NULL);
    struct beat_page *page =
        mapping ? MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, sizeof *page) : NULL;
    if (!page) {
        struct error error = win_failed(what, NULL);
        if (mapping)
            CloseHandle(mapping);
        return error;
    }
    *handle = object_add((struct object){OBJECT_MAPPING, mapping, NULL});
    *out = page;
    return *handle == OS_NO_HANDLE ? win_failed(what, NULL) : ERROR_OK;
}

/* The view of a section never shrinks. */
struct error os_beat_page_map(os_handle handle, const struct beat_page **out)
{
    HANDLE mapping = object_handle(handle, OBJECT_MAPPING);
    struct beat_page *page =
        mapping ? MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, sizeof *page) : NULL;
    if (!page)
        return win_failed("map the heartbeat page", NULL);
    *out = page;
    return ERROR_OK;
}

void os_beat_page_unmap(const struct beat_page *page)
{
    UnmapViewOfFile(page);
}
