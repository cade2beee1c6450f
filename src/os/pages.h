/* Memory in whole pages: no guard has another. */
#ifndef TREEFALL_OS_PAGES_H
#define TREEFALL_OS_PAGES_H

#include <stddef.h>

/* Memory in whole pages, given back with os_pages_free; NULL when there is none. */
void *os_pages(size_t bytes);
/* The same; a forked child finds zeros in it. */
void *os_pages_unforked(size_t bytes);
/* The same; it stays one memory in all that are forked from us. */
void *os_pages_shared(size_t bytes);
void os_pages_free(void *pages, size_t bytes);

#endif
