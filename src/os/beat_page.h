/* Beats through a page of memory that ward and sentinel share. */
#ifndef TREEFALL_OS_BEAT_PAGE_H
#define TREEFALL_OS_BEAT_PAGE_H

#include "base/error.h"
#include "os/handle.h"

#include <stdint.h>

/* The page that library users beat in. `beat_ms` is a coarse monotonic time, 0 = not yet. A forked
 * child of the process that made the page does not have it. */
struct beat_page {
    _Atomic int64_t beat_ms;
    _Atomic int64_t hold_until_ms;    /* 0 = no hold; OS_FOREVER = without a limit */
    _Atomic int64_t closing_until_ms; /* 0 = not closing */
    _Atomic int64_t stop_seen_ms;     /* 0 = no stop request seen */
    _Atomic int32_t suspended;        /* the debugger says that the main thread is suspended */
    _Atomic int32_t link_gone;        /* suspended, and nothing will resume it */
};
struct error os_beat_page_make(os_handle *handle, struct beat_page **out);
/* Maps the page for reading. ERROR_UNSAFE if it is not a page of ours that can never shrink. */
struct error os_beat_page_map(os_handle handle, const struct beat_page **out);
void os_beat_page_unmap(const struct beat_page *page);

#endif
