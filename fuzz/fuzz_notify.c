/* Any datagram: nothing is read or written outside, and what comes out is in range. */
#include "core/notify.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct notify_fields fields;
    char *text = malloc(size + 1); /* of exactly this size, so that one byte beyond is noticed */
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    notify_parse(text, &fields);
    if (fields.watchdog_usec < 0 || fields.extend_usec < 0 ||
        !memchr(fields.status, '\0', sizeof fields.status) || strchr(fields.status, '\n') ||
        !strstr(text, fields.status))
        abort();
    free(text);
    return 0;
}
