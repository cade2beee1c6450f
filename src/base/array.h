/* Arrays that grow, and such as are sorted by a number. */
#ifndef TREEFALL_BASE_ARRAY_H
#define TREEFALL_BASE_ARRAY_H

#include <stddef.h>
#include <stdint.h>

/* The next capacity of an array that is full. */
static inline size_t array_more(size_t capacity, size_t first)
{
    return capacity > 0 ? 2 * capacity : first;
}

/* Items of `size` bytes, each of which begins with a number that they are sorted by: the index of
 * the first whose number is at least `number`. */
size_t array_place(const void *items, size_t count, size_t size, int32_t number);

#endif
