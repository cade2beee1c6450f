/* Memory in whole pages: no guard has another. */
#ifndef TREEFALL_OS_PAGES_H
#define TREEFALL_OS_PAGES_H

#include "base/array.h"

#include <stddef.h>
#include <string.h>

/* Memory in whole pages, given back with os_pages_free; NULL when there is none. */
void *os_pages(size_t bytes);
/* The same; a forked child finds zeros in it. */
void *os_pages_unforked(size_t bytes);
/* The same; it stays one memory in all that are forked from us. */
void *os_pages_shared(size_t bytes);
void os_pages_free(void *pages, size_t bytes);

/* In place of an array that is full, the same with more room (`first` items, then twice as many).
 * NULL when there is no memory: the old one is as it was. */
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
