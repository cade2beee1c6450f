/* Growing arrays, and arrays that are sorted by a number. */
#ifndef TREEFALL_BASE_ARRAY_H
#define TREEFALL_BASE_ARRAY_H

#include <stddef.h>
#include <stdint.h>

/* The next capacity of a full array. */
static inline size_t array_more(size_t capacity, size_t first)
{
    return capacity > 0 ? 2 * capacity : first;
}

/* For items of `size` bytes that begin with the number they are sorted by. Returns the index of the
 * first item whose number is at least `number`. */
size_t array_place(const void *items, size_t count, size_t size, int32_t number);

#endif
