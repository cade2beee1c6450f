/* What the library tells a sentinel that it starts: the first message on the channel. */
#ifndef TREEFALL_SENTINEL_ORDER_H
#define TREEFALL_SENTINEL_ORDER_H

#include "core/process.h"
#include "core/route.h"

#define ORDER_VERSION 1
#define ORDER_REPORT_BYTES 1024

/* The sentinel's handles, by number, in the process that the library starts. */
enum { ORDER_CHANNEL = 3, ORDER_PAGE = 4, ORDER_DISMISSAL = 5, ORDER_HANDLES_END = 6 };

struct order {
    uint32_t version;
    struct process_identity ward;
    int64_t kill_delay_ms;
    int64_t startup_grace_ms;
    bool hold_when_stopped;
    char report[ORDER_REPORT_BYTES]; /* "" = none */
};

/* The answer: armed by these routes, a bit each. None = it could not, and ends. */
struct attestation {
    uint32_t version;
    uint32_t armed;
};

#endif
