/* Memory in whole pages: guards use no other. */
#ifndef TREEFALL_OS_PAGES_H
#define TREEFALL_OS_PAGES_H

#include "base/array.h"

#include <stddef.h>
#include <string.h>

/* Memory in whole pages, to be freed with os_pages_free. NULL if there is no memory. */
void *os_pages(size_t bytes);
/* The same, but a forked child finds zeros in it. */
void *os_pages_unforked(size_t bytes);
/* The same, but shared by all processes forked from us. */
void *os_pages_shared(size_t bytes);
void os_pages_free(void *pages, size_t bytes);

/* Replaces a full array by a larger copy (`first` items, then twice as many). NULL if there is no
 * memory: then the old array is unchanged. */
static inline void *os_pages_grow(void *items, size_t *capacity, size_t first, size_t size)
{
    size_t wanted = array_more(*capacity, first);
    void *bigger = os_pages(wanted * size);
    if (!bigger)
        return NULL;
    if (*capacity > 0)
        memcpy(bigger, items, *capacity * size);
    os_pages_free(items, *capacity * size);
    *capacity = wanted;
    return bigger;
}

#endif
