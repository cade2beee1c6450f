/* Durations as people write them: 500ms, 0.5s, 3s, 2m, 1h, 1d; a bare number is seconds. */
#ifndef TREEFALL_BASE_DURATION_H
#define TREEFALL_BASE_DURATION_H

#include "base/sink.h"

#include <stdint.h>

/* Ten years: a longer duration is a typing mistake. */
#define DURATION_MAX_MS (INT64_C(3650) * 24 * 3600 * 1000)

enum duration_fault {
    DURATION_OK,
    DURATION_EMPTY,
    DURATION_NOT_A_NUMBER,
    DURATION_NEGATIVE,
    DURATION_UNKNOWN_UNIT,
    DURATION_TOO_LONG,
};

/* Rounds up to a whole millisecond, so that a duration above zero does not become zero. `out` is
 * unchanged on a fault. */
enum duration_fault duration_parse(const char *text, int64_t *out_ms);
/* The fault as a clause: "is negative". */
const char *duration_fault_text(enum duration_fault fault);
/* The shortest exact form: 1500 is "1.5s". */
void duration_write(struct sink *sink, int64_t ms);

#endif
