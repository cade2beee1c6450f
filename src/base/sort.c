#include "base/sort.h"

static void swap(unsigned char *a, unsigned char *b, size_t size)
{
    while (size-- > 0) {
        unsigned char byte = *a;
        *a++ = *b;
        *b++ = byte;
    }
}

static void sift(unsigned char *items, size_t root, size_t count, size_t size, sort_before *before)
{
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && before(items + child * size, items + (child + 1) * size))
            child++;
        if (!before(items + root * size, items + child * size))
            return;
        swap(items + root * size, items + child * size, size);
    }
}

static bool is_sorted(const unsigned char *items, size_t count, size_t size, sort_before *before)
{
    for (size_t i = 1; i < count; i++)
        if (before(items + i * size, items + (i - 1) * size))
            return false;
    return true;
}

/* A process table is mostly sorted already. */
void sort_heap(void *items, size_t count, size_t size, sort_before *before)
{
    unsigned char *bytes = items;
    if (is_sorted(bytes, count, size, before))
        return;
    for (size_t root = count / 2; root-- > 0;)
        sift(bytes, root, count, size, before);
    for (size_t end = count; end-- > 1;) {
        swap(bytes, bytes + end * size, size);
        sift(bytes, 0, end, size, before);
    }
}
