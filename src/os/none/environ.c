/* The environment of another process cannot be read. */
#include "os/environ.h"

bool os_environ_ward(int32_t pid, struct process_identity *ward, char brand[BRAND_TEXT_BYTES])
{
    (void)pid;
    (void)ward;
    (void)brand;
    return false;
}
