#include "os/environ.h"
#include "base/text.h"

#include "os/linux/proc.h"

#include <string.h>
#include <sys/types.h>

/* putenv puts our entry last, or first if there was none. This much is read, which covers common
 * sizes. */
#define ENVIRON_BYTES 65536

/* The value of `name` in a block of NUL-separated strings. */
static const char *block_find(const char *block, size_t size, const char *name)
{
    size_t length = strlen(name);
    for (size_t at = 0; at + length <= size; at += strnlen(block + at, size - at) + 1)
        if (memcmp(block + at, name, length) == 0)
            return block + at + length;
    return NULL;
}

bool os_environ_ward(int32_t pid, struct process_identity *ward, char brand[BRAND_TEXT_BYTES])
{
    char block[ENVIRON_BYTES];
    ssize_t size = proc_read(pid, "environ", block, sizeof block);
    const char *at = size > 0 ? block_find(block, (size_t)size, "TREEFALL_WARD=") : NULL;
    if (!at)
        return false;
    uint64_t number = text_number(&at);
    if (*at++ != ':' || number > INT32_MAX)
        return false;
    *ward = (struct process_identity){(int32_t)number, text_number(&at)};
    if (*at++ != ':' || ward->start == 0 || strlen(at) >= BRAND_TEXT_BYTES)
        return false;
    strcpy(brand, at);
    return true;
}
