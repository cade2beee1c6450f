#include "core/claim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static claim_word word;

static int setup(void **unused)
{
    (void)unused;
    word = 0;
    return 0;
}

static void expect(enum claim_stage stage, enum claim_seat seat, enum trigger trigger)
{
    struct claim claim = claim_read(&word);
    assert_int_equal(claim.stage, stage);
    assert_int_equal(claim.seat, seat);
    assert_int_equal(claim.trigger, trigger);
}

static void only_the_first_guard_gets_it(void **unused)
{
    (void)unused;
    expect(CLAIM_OPEN, SEAT_NONE, TRIGGER_NONE);
    assert_true(claim_take(&word, SEAT_WRAPPER, TRIGGER_TIMEOUT));
    assert_false(claim_take(&word, SEAT_SENTINEL, TRIGGER_STALE));
    assert_false(claim_take(&word, SEAT_WRAPPER, TRIGGER_STALE));
    expect(CLAIM_ASKING, SEAT_WRAPPER, TRIGGER_TIMEOUT);
}

static void only_its_holder_advances_it_and_never_back(void **unused)
{
    (void)unused;
    assert_false(claim_advance(&word, SEAT_NONE, CLAIM_FELLING));
    claim_take(&word, SEAT_SENTINEL, TRIGGER_TIMEOUT);
    assert_false(claim_advance(&word, SEAT_WRAPPER, CLAIM_FELLING));
    assert_true(claim_advance(&word, SEAT_SENTINEL, CLAIM_REPORTING));
    assert_false(claim_advance(&word, SEAT_SENTINEL, CLAIM_FELLING));
    assert_true(claim_advance(&word, SEAT_SENTINEL, CLAIM_INCOMPLETE));
    expect(CLAIM_INCOMPLETE, SEAT_SENTINEL, TRIGGER_TIMEOUT);
}

static void an_overtaken_holder_finds_it_gone(void **unused)
{
    (void)unused;
    claim_take(&word, SEAT_WRAPPER, TRIGGER_TIMEOUT);
    struct claim seen = claim_read(&word);
    struct claim next = {CLAIM_FELLING, SEAT_SENTINEL, TRIGGER_TIMEOUT, 0};
    assert_true(claim_overtake(&word, &seen, &next));
    assert_false(claim_advance(&word, SEAT_WRAPPER, CLAIM_REPORTING));
    expect(CLAIM_FELLING, SEAT_SENTINEL, TRIGGER_TIMEOUT);
}

/* The holder went on between the look and the overtaking: it is not late. */
static void a_holder_that_has_gone_on_is_not_overtaken(void **unused)
{
    (void)unused;
    struct claim next = {CLAIM_FELLING, SEAT_SENTINEL, TRIGGER_TIMEOUT, 0};
    claim_take(&word, SEAT_WRAPPER, TRIGGER_TIMEOUT);
    struct claim seen = claim_read(&word);
    claim_advance(&word, SEAT_WRAPPER, CLAIM_FELLING);
    assert_false(claim_overtake(&word, &seen, &next));
    expect(CLAIM_FELLING, SEAT_WRAPPER, TRIGGER_TIMEOUT);
}

static void two_that_overtake_at_once_are_one(void **unused)
{
    (void)unused;
    struct claim by_sentinel = {CLAIM_FELLING, SEAT_SENTINEL, TRIGGER_STALE, 0};
    struct claim by_reserve = {CLAIM_FELLING, SEAT_RESERVE, TRIGGER_STALE, 0};
    claim_take(&word, SEAT_WRAPPER, TRIGGER_STALE);
    struct claim seen = claim_read(&word);
    assert_true(claim_overtake(&word, &seen, &by_sentinel));
    assert_false(claim_overtake(&word, &seen, &by_reserve));
}

/* Passed on and back, it is not the word that the first holder left. */
static void a_word_from_two_turns_ago_is_stale(void **unused)
{
    (void)unused;
    claim_take(&word, SEAT_WRAPPER, TRIGGER_STALE);
    struct claim old = claim_read(&word);
    struct claim there = {CLAIM_ASKING, SEAT_SENTINEL, TRIGGER_STALE, 0};
    struct claim back = {CLAIM_ASKING, SEAT_WRAPPER, TRIGGER_STALE, 0};
    claim_overtake(&word, &old, &there);
    struct claim seen = claim_read(&word);
    claim_overtake(&word, &seen, &back);
    assert_false(claim_overtake(&word, &old, &there));
}

static void what_is_over_is_taken_by_no_guard(void **unused)
{
    (void)unused;
    struct claim next = {CLAIM_FELLING, SEAT_SENTINEL, TRIGGER_STALE, 0};
    claim_take(&word, SEAT_WRAPPER, TRIGGER_STALE);
    claim_advance(&word, SEAT_WRAPPER, CLAIM_COMPLETE);
    struct claim seen = claim_read(&word);
    assert_true(claim_is_over(&seen));
    assert_false(claim_overtake(&word, &seen, &next));
    assert_false(claim_take(&word, SEAT_SENTINEL, TRIGGER_STALE));
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_the_first_guard_gets_it),      TEST(only_its_holder_advances_it_and_never_back),
        TEST(an_overtaken_holder_finds_it_gone), TEST(a_holder_that_has_gone_on_is_not_overtaken),
        TEST(two_that_overtake_at_once_are_one), TEST(a_word_from_two_turns_ago_is_stale),
        TEST(what_is_over_is_taken_by_no_guard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
