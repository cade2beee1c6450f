/* The process table. */
#ifndef TREEFALL_OS_SCAN_H
#define TREEFALL_OS_SCAN_H

#include "base/error.h"
#include "core/brand.h"
#include "core/process.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum os_scan_depth {
    SCAN_BRANDS, /* only pid and brand of branded processes: cheap */
    SCAN_FULL,   /* all rows, all fields */
};

typedef void os_scan_row(void *context, const struct process_row *row);
/* One pass. The order of the rows is not defined. */
struct error os_scan(enum os_scan_depth depth, os_scan_row *row, void *context);
/* The branded processes among these numbers, as SCAN_BRANDS reports them. */
void os_scan_numbers(int32_t first, int32_t last, os_scan_row *row, void *context);

#endif
