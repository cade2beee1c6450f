#include "os/windows/pin.h"
#include "os/windows/table.h"

struct pass {
    os_scan_row *row;
    void *context;
};

static bool pass_on(void *context, const struct process_row *row)
{
    const struct pass *pass = context;
    pin_show(row);
    if (row->id.pid > 0)
        pass->row(pass->context, row);
    return true;
}

struct error os_scan(enum os_scan_depth depth, os_scan_row *row, void *context)
{
    struct pass pass = {row, context};
    if (depth == SCAN_BRANDS)
        return ERROR_OK;
    pin_begin();
    struct error error = table_read(pass_on, &pass);
    if (!error.code)
        pin_end(row, context);
    return error;
}

/* There are no brands. */
void os_scan_numbers(int32_t first, int32_t last, os_scan_row *row, void *context)
{
    (void)first;
    (void)last;
    (void)row;
    (void)context;
}
