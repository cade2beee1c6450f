#include "base/sort.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MOST 2000

static size_t compared;

static uint32_t next_random(void)
{
    static uint32_t seed = 12345;
    seed = seed * 1664525 + 1013904223;
    return seed >> 8;
}

static bool int_before(const void *a, const void *b)
{
    compared++;
    return *(const int *)a < *(const int *)b;
}

static int int_compare(const void *a, const void *b)
{
    return (*(const int *)a > *(const int *)b) - (*(const int *)a < *(const int *)b);
}

/* What qsort makes of them, and nothing beyond them is touched. */
static void sorts_as_qsort(const int *values, size_t count)
{
    int ours[MOST + 2];
    int theirs[MOST];
    ours[0] = ours[count + 1] = INT32_MIN;
    memcpy(ours + 1, values, count * sizeof *values);
    memcpy(theirs, values, count * sizeof *values);
    compared = 0;
    sort_heap(ours + 1, count, sizeof *ours, int_before);
    qsort(theirs, count, sizeof *theirs, int_compare);
    assert_memory_equal(ours + 1, theirs, count * sizeof *theirs);
    assert_int_equal(ours[0], INT32_MIN);
    assert_int_equal(ours[count + 1], INT32_MIN);
}

static void any_order_of_any_length(void **unused)
{
    (void)unused;
    int values[200];
    for (size_t count = 0; count <= 200; count++)
        for (uint32_t range = 1; range <= 1000; range *= 10) {
            for (size_t i = 0; i < count; i++)
                values[i] = (int)(next_random() % range) - (int)(range / 2);
            sorts_as_qsort(values, count);
        }
}

/* All orders of up to seven different numbers, by Heap's algorithm. */
static void permute(int *values, size_t count, size_t fixed)
{
    if (fixed == 1) {
        sorts_as_qsort(values, count);
        return;
    }
    for (size_t i = 0; i < fixed; i++) {
        permute(values, count, fixed - 1);
        size_t other = fixed % 2 ? 0 : i;
        int value = values[other];
        values[other] = values[fixed - 1];
        values[fixed - 1] = value;
    }
}

static void every_order_of_a_few(void **unused)
{
    (void)unused;
    for (size_t count = 1; count <= 7; count++) {
        int values[] = {1, 2, 3, 4, 5, 6, 7};
        permute(values, count, count);
    }
}

/* A process table mostly comes in order: that costs one comparison an item. */
static void what_is_in_order_is_only_looked_at(void **unused)
{
    (void)unused;
    int values[MOST];
    for (size_t i = 0; i < MOST; i++)
        values[i] = (int)(i / 2);
    sorts_as_qsort(values, MOST);
    assert_int_equal(compared, MOST - 1);
}

static void no_order_is_quadratic(void **unused)
{
    (void)unused;
    int values[MOST];
    for (size_t i = 0; i < MOST; i++)
        values[i] = (int)(MOST - i);
    sorts_as_qsort(values, MOST);
    assert_in_range(compared, 1, 2 * MOST * 11 + MOST); /* 2 n log2(n), and the look */
    for (size_t i = 0; i < MOST; i++)
        values[i] = (int)(i * 7919 % MOST);
    sorts_as_qsort(values, MOST);
    assert_in_range(compared, 1, 2 * MOST * 11 + MOST);
}

struct wide {
    char text[37];
    unsigned char key;
};

static bool wide_before(const void *a, const void *b)
{
    return ((const struct wide *)a)->key < ((const struct wide *)b)->key;
}

static void items_of_odd_size_stay_whole(void **unused)
{
    (void)unused;
    struct wide items[101];
    for (size_t i = 0; i < 101; i++) {
        items[i].key = (unsigned char)(i * 37 % 101);
        memset(items[i].text, items[i].key, sizeof items[i].text);
    }
    sort_heap(items, 101, sizeof *items, wide_before);
    for (size_t i = 0; i < 101; i++) {
        assert_int_equal(items[i].key, i);
        for (size_t j = 0; j < sizeof items[i].text; j++)
            assert_int_equal(items[i].text[j], (char)i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_of_any_length),
        cmocka_unit_test(every_order_of_a_few),
        cmocka_unit_test(what_is_in_order_is_only_looked_at),
        cmocka_unit_test(no_order_is_quadratic),
        cmocka_unit_test(items_of_odd_size_stay_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
