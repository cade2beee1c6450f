/* Points in time in milliseconds; INT64_MAX is never. */
#ifndef TREEFALL_BASE_MOMENT_H
#define TREEFALL_BASE_MOMENT_H

#include <stdint.h>

/* `delay_ms` is at least 0, and may be huge: the sum saturates at never. */
static inline int64_t moment_after(int64_t now_ms, int64_t delay_ms)
{
    return delay_ms > INT64_MAX - now_ms ? INT64_MAX : now_ms + delay_ms;
}

static inline int64_t moment_earlier(int64_t a_ms, int64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

static inline int64_t moment_later(int64_t a_ms, int64_t b_ms)
{
    return a_ms > b_ms ? a_ms : b_ms;
}

#endif
