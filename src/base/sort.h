/* Heap sort: in place, no allocation, no recursion (qsort(3) may allocate). */
#ifndef TREEFALL_BASE_SORT_H
#define TREEFALL_BASE_SORT_H

#include <stdbool.h>
#include <stddef.h>

typedef bool sort_before(const void *a, const void *b);
void sort_heap(void *items, size_t count, size_t size, sort_before *before);

#endif
