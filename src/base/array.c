#include "base/array.h"

size_t array_place(const void *items, size_t count, size_t size, int32_t number)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (*(const int32_t *)((const char *)items + middle * size) < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
