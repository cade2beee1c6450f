/* The clocks, read at one moment. */
#ifndef TREEFALL_BASE_CLOCK_H
#define TREEFALL_BASE_CLOCK_H

#include <stdint.h>

/* One reading of all clocks, taken once per turn of a loop. */
struct clock_reading {
    int64_t now_ms;  /* monotonic, does not count suspend */
    int64_t now_us;  /* the same moment, for display */
    int64_t boot_ms; /* monotonic, counts suspend */
    int64_t wall_ms; /* since the epoch; never decides alone */
};

#endif
