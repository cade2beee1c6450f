#include "core/brand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct brand_pair unlimited = {BRAND_UNLIMITED, BRAND_UNLIMITED};
static const uint64_t randoms[] = {0,
                                   1,
                                   0x7fe,
                                   0x7ff,
                                   0xfff,
                                   1ULL << 39,
                                   1ULL << 40,
                                   1ULL << 63,
                                   UINT64_MAX - 1,
                                   UINT64_MAX,
                                   0x123456789abcdef0};

static uint64_t next_random(void)
{
    static uint64_t seed = 88172645463325252;
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* A guard's brand at `level`, made step by step as nested guards do. */
static struct brand nested(unsigned level)
{
    struct brand brand;
    struct brand_pair present = unlimited;
    for (unsigned at = 1; at <= level; at++) {
        assert_true(brand_below(present, next_random(), &brand));
        assert_int_equal(brand.level, at);
        present = brand.value;
    }
    return brand;
}

static void only_our_tags_are_read_as_brands(void **unused)
{
    (void)unused;
    struct brand brand;
    const uint64_t foreign[] = {0, 1, 64, 1024, (1ULL << 62) - 1, 1ULL << 63, UINT64_MAX - 1};
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        struct brand_pair pair = {foreign[i], foreign[i]};
        assert_int_equal(brand_read(pair, &brand), BRAND_FOREIGN);
        assert_false(brand_below(pair, 7, &brand));
    }
    assert_int_equal(brand_read(unlimited, &brand), BRAND_ABSENT);
    assert_int_equal(brand_read((struct brand_pair){0, BRAND_UNLIMITED}, &brand), BRAND_ABSENT);
    assert_int_equal(brand_read((struct brand_pair){0, 1ULL << 62}, &brand), BRAND_PRESENT);
    assert_int_equal(brand_read((struct brand_pair){0, (1ULL << 63) - 1}, &brand), BRAND_PRESENT);
}

/* Two versions of treefall may nest in each other: the places of the steps are a format. */
static void the_layout_stays(void **unused)
{
    (void)unused;
    static const struct brand_pair layout[BRAND_LEVELS] = {
        {0x0fffffffffffffff, 0x448d159e26ffffff}, {0x0fffffffffffffff, 0x448d159e26ee47ff},
        {0x0fffffffffffffff, 0x448d159e26ee45c9}, {0x0c47ffffffffffff, 0x448d159e26ee45c9},
        {0x0c47c48fffffffff, 0x448d159e26ee45c9}, {0x0c47c48c49ffffff, 0x448d159e26ee45c9},
        {0x0c47c48c49c4afff, 0x448d159e26ee45c9}, {0x0c47c48c49c4ac4b, 0x448d159e26ee45c9},
    };
    struct brand brand;
    struct brand_pair present = unlimited;
    char text[BRAND_TEXT_BYTES];
    for (unsigned level = 1; level <= BRAND_LEVELS; level++) {
        assert_true(brand_below(present, 0x123456789a + level, &brand));
        assert_true(brand_same(brand.value, layout[level - 1]));
        present = brand.value;
    }
    brand = brand_cut(&brand, 5);
    brand_to_text(&brand, text);
    assert_string_equal(text, "448d159e26ee45c9.0c47c48fffffffff.5");
}

/* Python's resource module prints RLIM_INFINITY as -1 and takes no more than 2^63 - 1. */
static void every_brand_can_be_set_as_a_limit(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof randoms / sizeof *randoms; i++) {
        struct brand brand;
        struct brand_pair present = unlimited;
        for (unsigned level = 1; level <= BRAND_LEVELS; level++) {
            assert_true(brand_below(present, randoms[i], &brand));
            assert_true(brand.value.soft <= brand.value.hard);
            assert_true(brand.value.hard <= present.hard); /* it only ever lowers */
            assert_true(brand.value.hard < 1ULL << 63);
            present = brand.value;
        }
    }
}

static void what_is_set_is_read_back(void **unused)
{
    (void)unused;
    for (int i = 0; i < 500; i++)
        for (unsigned level = 1; level <= BRAND_LEVELS; level++) {
            struct brand brand = nested(level);
            struct brand read;
            assert_int_equal(brand_read(brand.value, &read), BRAND_PRESENT);
            assert_int_equal(read.level, level);
            assert_true(brand_same(read.value, brand.value));
            assert_true(brand_same(read.mask, brand.mask));
        }
}

static void eight_guards_nest_and_no_more(void **unused)
{
    (void)unused;
    struct brand brand = nested(BRAND_LEVELS);
    struct brand before = brand;
    assert_false(brand_below(brand.value, 1, &brand));
    assert_memory_equal(&before, &brand, sizeof brand);
}

/* An outer guard covers all below it; an inner one covers nothing beside or above it. */
static void a_guard_covers_its_own_and_what_is_below(void **unused)
{
    (void)unused;
    for (unsigned level = 1; level < BRAND_LEVELS; level++) {
        struct brand outer = nested(level);
        struct brand left;
        struct brand right;
        assert_true(brand_below(outer.value, 5, &left));
        assert_true(brand_below(outer.value, 6, &right));
        assert_true(brand_covers(&outer, outer.value));
        assert_true(brand_covers(&outer, left.value));
        assert_true(brand_covers(&left, left.value));
        assert_false(brand_covers(&left, right.value));
        assert_false(brand_covers(&right, left.value));
        assert_false(brand_covers(&left, outer.value));
        assert_false(brand_covers(&outer, nested(level).value)); /* another tree */
        assert_false(brand_covers(&outer, unlimited));
    }
}

static void no_brand_covers_nobody(void **unused)
{
    (void)unused;
    struct brand none = {0};
    assert_false(brand_covers(&none, nested(1).value));
    assert_false(brand_covers(&none, (struct brand_pair){0, 0}));
    assert_false(brand_covers(&none, unlimited));
}

/* The soft limit may be moved by the ward itself (`ulimit -S`): steps in it are lost, those in hard
 * never. Lost steps must not look like somebody else's. */
static void a_soft_limit_raised_to_hard_loses_only_soft_steps(void **unused)
{
    (void)unused;
    for (int i = 0; i < 500; i++) {
        struct brand brand = nested(BRAND_LEVELS);
        struct brand_pair raised = {brand.value.hard, brand.value.hard};
        struct brand read;
        assert_int_equal(brand_read(raised, &read), BRAND_PRESENT);
        assert_int_equal(read.level, 3);
        for (unsigned level = 1; level <= 3; level++) {
            struct brand outer = brand_cut(&brand, level);
            assert_true(brand_covers(&outer, raised));
        }
    }
}

/* A member of the third level raised soft to hard; its bits, read as steps, may equal those of a
 * fourth-level guard beside it, to whom it is an innocent. */
static void a_raised_soft_limit_joins_no_sibling(void **unused)
{
    (void)unused;
    struct brand third = nested(3);
    struct brand sibling;
    assert_true(brand_below(third.value, third.value.hard >> 48 & 0xfff, &sibling));
    struct brand_pair raised = {third.value.hard, third.value.hard};
    assert_false(brand_covers(&sibling, raised));
    assert_true(brand_covers(&third, raised));
}

/* The same for a real soft limit that a program sets: it is read as no soft steps at all. */
static void a_soft_limit_of_the_wards_own_joins_no_sibling(void **unused)
{
    (void)unused;
    struct brand third = nested(3);
    const uint64_t softs[] = {0, 1, 1024, 65535, 1ULL << 20, 1ULL << 32, (1ULL << 48) - 1};
    for (size_t i = 0; i < sizeof softs / sizeof *softs; i++) {
        struct brand_pair moved = {softs[i], third.value.hard};
        struct brand read;
        assert_int_equal(brand_read(moved, &read), BRAND_PRESENT);
        assert_int_equal(read.level, 3);
        assert_true(brand_covers(&third, moved));
        for (size_t j = 0; j < sizeof randoms / sizeof *randoms; j++) {
            struct brand sibling;
            assert_true(brand_below(third.value, randoms[j], &sibling));
            assert_false(brand_covers(&sibling, moved));
            assert_true(brand_pick_again(&sibling, randoms[j]));
            assert_false(brand_covers(&sibling, moved));
        }
    }
}

static void picking_again_gives_another_that_can_still_be_set(void **unused)
{
    (void)unused;
    for (unsigned level = 2; level <= BRAND_LEVELS; level++)
        for (size_t i = 0; i < sizeof randoms / sizeof *randoms; i++) {
            struct brand brand = nested(level);
            struct brand outer = brand_cut(&brand, level - 1);
            for (int tries = 0; tries < 20; tries++) {
                struct brand before = brand;
                if (!brand_pick_again(&brand, randoms[i]))
                    break;
                assert_false(brand_same(before.value, brand.value));
                assert_true(brand.value.hard <= before.value.hard);
                assert_int_equal(brand.level, level);
                assert_true(brand_covers(&outer, brand.value));
                assert_false(brand_covers(&brand, before.value));
                struct brand read;
                assert_int_equal(brand_read(brand.value, &read), BRAND_PRESENT);
                assert_int_equal(read.level, level); /* never the step not taken */
            }
        }
}

static void a_step_in_hard_has_an_end(void **unused)
{
    (void)unused;
    struct brand brand = nested(2);
    int picks = 0;
    while (brand_pick_again(&brand, UINT64_MAX))
        picks++;
    assert_in_range(picks, 1, 2048);
    assert_false(brand_pick_again(&brand, 1));
}

static void a_step_in_soft_has_none(void **unused)
{
    (void)unused;
    struct brand brand = nested(4);
    for (int i = 0; i < 20000; i++) {
        struct brand before = brand;
        struct brand read;
        assert_true(brand_pick_again(&brand, (uint64_t)i / 3));
        assert_false(brand_same(before.value, brand.value));
        assert_int_equal(brand_read(brand.value, &read), BRAND_PRESENT);
        assert_int_equal(read.level, 4);
    }
}

static void the_tag_itself_is_not_picked_again(void **unused)
{
    (void)unused;
    struct brand brand = nested(1);
    assert_false(brand_pick_again(&brand, 1));
}

/* The first pick leaves room: hard steps can only go down. */
static void a_first_pick_can_be_changed_64_times(void **unused)
{
    (void)unused;
    for (unsigned level = 2; level <= 3; level++)
        for (size_t i = 0; i < sizeof randoms / sizeof *randoms; i++)
            for (size_t j = 0; j < sizeof randoms / sizeof *randoms; j++) {
                struct brand brand;
                assert_true(brand_below(nested(level - 1).value, randoms[i], &brand));
                for (int picks = 0; picks < 64; picks++)
                    assert_true(brand_pick_again(&brand, randoms[j]));
            }
}

static void a_crowd_at_the_first_picks_is_left_behind(void **unused)
{
    (void)unused;
    uint64_t taken = 0x7ff / 2; /* every first pick is above */
    for (unsigned level = 2; level <= 3; level++)
        for (int i = 0; i < 500; i++) {
            struct brand brand;
            int picks = 0;
            unsigned shift = level == 2 ? 11 : 0;
            assert_true(brand_below(nested(level - 1).value, next_random(), &brand));
            for (; (brand.value.hard >> shift & 0x7ff) > taken; picks++)
                assert_true(brand_pick_again(&brand, next_random()));
            assert_in_range(picks, 1, 64);
        }
}

static void a_sibling_is_beside(void **unused)
{
    (void)unused;
    assert_false(brand_is_beside(&(struct brand){.level = 0}, nested(1).value));
    for (unsigned level = 2; level <= BRAND_LEVELS; level++) {
        struct brand ours = nested(level);
        struct brand sibling = ours;
        struct brand nephew;
        assert_true(brand_pick_again(&sibling, 1));
        assert_true(brand_is_beside(&ours, sibling.value));
        if (brand_below(sibling.value, 1, &nephew))
            assert_true(brand_is_beside(&ours, nephew.value));
        assert_false(brand_is_beside(&ours, ours.value));
        assert_false(brand_is_beside(&ours, brand_cut(&ours, level - 1).value));
        assert_false(brand_is_beside(&ours, unlimited));
        assert_false(brand_is_beside(&ours, (struct brand_pair){64, 64}));
        if (brand_below(ours.value, 1, &nephew))
            assert_false(brand_is_beside(&ours, nephew.value));
    }
}

static void a_tag_of_its_own_is_not_beside(void **unused)
{
    (void)unused;
    struct brand ours = nested(1);
    struct brand other;
    assert_true(brand_below(unlimited, ours.value.hard ^ 5, &other));
    assert_false(brand_is_beside(&ours, other.value));
    ours = nested(2);
    assert_false(brand_is_beside(&ours, nested(2).value)); /* of another outer guard */
}

static void cutting_gives_the_outer_guard(void **unused)
{
    (void)unused;
    struct brand chain[BRAND_LEVELS + 1];
    struct brand_pair present = unlimited;
    for (unsigned level = 1; level <= BRAND_LEVELS; level++) {
        brand_below(present, next_random(), &chain[level]);
        present = chain[level].value;
    }
    for (unsigned level = 1; level <= BRAND_LEVELS; level++)
        for (unsigned from = level; from <= BRAND_LEVELS; from++) {
            struct brand cut = brand_cut(&chain[from], level);
            assert_int_equal(cut.level, level);
            assert_true(brand_same(cut.value, chain[level].value));
            assert_true(brand_same(cut.mask, chain[level].mask));
        }
}

/* ---- as text ---- */

static void text_comes_back_as_it_went(void **unused)
{
    (void)unused;
    char text[BRAND_TEXT_BYTES];
    for (int i = 0; i < 200; i++)
        for (unsigned level = 1; level <= BRAND_LEVELS; level++) {
            struct brand brand = nested(level);
            struct brand read;
            brand_to_text(&brand, text);
            assert_true(strlen(text) < sizeof text);
            assert_true(brand_from_text(text, &read));
            assert_true(brand_same(read.value, brand.value));
            assert_true(brand_same(read.mask, brand.mask));
            assert_int_equal(read.level, level);
        }
}

/* The level may be that of an outer guard of the same chain, never deeper than the tag goes. */
static void text_names_a_level_that_the_tag_has(void **unused)
{
    (void)unused;
    char text[BRAND_TEXT_BYTES];
    struct brand brand = nested(3);
    struct brand read;
    brand_to_text(&brand, text);
    for (char level = '0'; level <= '9'; level++) {
        text[strlen(text) - 1] = level;
        bool good = level >= '1' && level <= '3';
        assert_int_equal(brand_from_text(text, &read), good);
        if (good)
            assert_int_equal(read.level, level - '0');
    }
}

/* What a process wrote into its own environment. */
static void spoilt_text_is_no_brand(void **unused)
{
    (void)unused;
    char text[BRAND_TEXT_BYTES];
    char spoilt[BRAND_TEXT_BYTES + 1];
    struct brand brand = nested(2);
    struct brand read;
    brand_to_text(&brand, text);
    for (size_t length = 0; length < strlen(text); length++) {
        memcpy(spoilt, text, length);
        spoilt[length] = '\0';
        assert_false(brand_from_text(spoilt, &read));
    }
    for (size_t at = 0; at < strlen(text); at++) {
        strcpy(spoilt, text);
        spoilt[at] = '/';
        assert_false(brand_from_text(spoilt, &read));
        spoilt[at] = 'A';
        assert_false(brand_from_text(spoilt, &read));
    }
    strcpy(spoilt, text);
    strcat(spoilt, "1");
    assert_false(brand_from_text(spoilt, &read));
    assert_false(brand_from_text("ffffffffffffffff.ffffffffffffffff.1", &read));
    assert_false(brand_from_text("0000000000000400.0000000000000400.1", &read));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_our_tags_are_read_as_brands),
        cmocka_unit_test(the_layout_stays),
        cmocka_unit_test(every_brand_can_be_set_as_a_limit),
        cmocka_unit_test(what_is_set_is_read_back),
        cmocka_unit_test(eight_guards_nest_and_no_more),
        cmocka_unit_test(a_guard_covers_its_own_and_what_is_below),
        cmocka_unit_test(no_brand_covers_nobody),
        cmocka_unit_test(a_soft_limit_raised_to_hard_loses_only_soft_steps),
        cmocka_unit_test(a_raised_soft_limit_joins_no_sibling),
        cmocka_unit_test(a_soft_limit_of_the_wards_own_joins_no_sibling),
        cmocka_unit_test(picking_again_gives_another_that_can_still_be_set),
        cmocka_unit_test(a_step_in_hard_has_an_end),
        cmocka_unit_test(a_step_in_soft_has_none),
        cmocka_unit_test(the_tag_itself_is_not_picked_again),
        cmocka_unit_test(a_first_pick_can_be_changed_64_times),
        cmocka_unit_test(a_crowd_at_the_first_picks_is_left_behind),
        cmocka_unit_test(a_sibling_is_beside),
        cmocka_unit_test(a_tag_of_its_own_is_not_beside),
        cmocka_unit_test(cutting_gives_the_outer_guard),
        cmocka_unit_test(text_comes_back_as_it_went),
        cmocka_unit_test(text_names_a_level_that_the_tag_has),
        cmocka_unit_test(spoilt_text_is_no_brand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
