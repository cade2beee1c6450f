#include "base/duration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define UNTOUCHED INT64_C(-77)

static void assert_ms(const char *text, int64_t expected)
{
    int64_t ms = UNTOUCHED;
    enum duration_fault fault = duration_parse(text, &ms);
    if (fault != DURATION_OK || ms != expected)
        fail_msg("%s: fault %d, %lld ms instead of %lld", text, (int)fault, (long long)ms,
                 (long long)expected);
}

static void assert_fault(const char *text, enum duration_fault expected)
{
    int64_t ms = UNTOUCHED;
    enum duration_fault fault = duration_parse(text, &ms);
    if (fault != expected || ms != UNTOUCHED)
        fail_msg("%s: fault %d instead of %d, %lld ms", text, (int)fault, (int)expected,
                 (long long)ms);
}

static void every_unit_counts(void **state)
{
    (void)state;
    assert_ms("500ms", 500);
    assert_ms("3s", 3000);
    assert_ms("2m", 120000);
    assert_ms("1h", 3600000);
    assert_ms("1d", 86400000);
    assert_ms("3", 3000);
}

static void zero_is_a_duration(void **state)
{
    (void)state;
    assert_ms("0", 0);
    assert_ms("0ms", 0);
    assert_ms("0.000d", 0);
    assert_ms("000", 0);
}

static void fractions_are_exact(void **state)
{
    (void)state;
    assert_ms("0.5s", 500);
    assert_ms(".5", 500);
    assert_ms("5.", 5000);
    assert_ms("1.5m", 90000);
    assert_ms("0.25h", 900000);
    assert_ms("0.1", 100);
    assert_ms("1.001s", 1001);
    assert_ms("2.50000000000000000000000000s", 2500);
}

static void what_is_not_zero_stays_so(void **state)
{
    (void)state;
    assert_ms("0.0001s", 1);
    assert_ms("0.1ms", 1);
    assert_ms("1.0001s", 1001);
    assert_ms("0.00000000000000000000000000000001d", 1);
}

static void no_number_is_no_duration(void **state)
{
    (void)state;
    static const char *const texts[] = {"s",   "ms", ".",   ".s",  "nan", "NaN",      "inf",
                                        "one", "+5", " 5",  "-",   "--5", "infinity", "\xc2\xb5s",
                                        "-s",  "",   ",5s", "\n5", NULL};
    for (size_t i = 0; texts[i]; i++)
        assert_fault(texts[i], *texts[i] ? DURATION_NOT_A_NUMBER : DURATION_EMPTY);
}

static void negative_is_said(void **state)
{
    (void)state;
    assert_fault("-1", DURATION_NEGATIVE);
    assert_fault("-0.5s", DURATION_NEGATIVE);
    assert_fault("-.5s", DURATION_NEGATIVE);
    assert_fault("-99999999999999999999999", DURATION_NEGATIVE);
}

static void unknown_units_are_said(void **state)
{
    (void)state;
    static const char *const texts[] = {"5w",   "5y",   "5 s",   "5S",   "5sec", "5s ", "1e3",
                                        "0x10", "5m3s", "1.5.2", "5ms5", "3,5s", "5us", NULL};
    for (size_t i = 0; texts[i]; i++)
        assert_fault(texts[i], DURATION_UNKNOWN_UNIT);
}

static void ten_years_are_the_limit(void **state)
{
    (void)state;
    assert_ms("3650d", DURATION_MAX_MS);
    assert_ms("315360000", DURATION_MAX_MS);
    assert_ms("315360000000ms", DURATION_MAX_MS);
    assert_fault("315360000001ms", DURATION_TOO_LONG);
    assert_fault("315360000.001", DURATION_TOO_LONG);
    assert_fault("3650.1d", DURATION_TOO_LONG);
    assert_fault("3651d", DURATION_TOO_LONG);
}

static void overflow_is_too_long(void **state)
{
    (void)state;
    assert_fault("9223372036854775807", DURATION_TOO_LONG);
    assert_fault("9223372036854775808ms", DURATION_TOO_LONG);
    assert_fault("18446744073709551616", DURATION_TOO_LONG);
    assert_fault("18446744073709551616000000000000000000000000000d", DURATION_TOO_LONG);
    assert_ms("000000000000000000000000000000000000000001", 1000);
}

static void every_fault_has_words(void **state)
{
    (void)state;
    for (int fault = DURATION_OK; fault <= DURATION_TOO_LONG; fault++)
        assert_true(strlen(duration_fault_text((enum duration_fault)fault)) > 0);
}

static void assert_written(int64_t ms, const char *expected)
{
    char text[64] = {0};
    struct sink sink = {.buffer = text, .capacity = sizeof text - 1};
    duration_write(&sink, ms);
    assert_string_equal(text, expected);
}

static void writing_is_short_and_exact(void **state)
{
    (void)state;
    assert_written(0, "0");
    assert_written(1, "1ms");
    assert_written(500, "500ms");
    assert_written(1000, "1s");
    assert_written(1500, "1.5s");
    assert_written(1050, "1.05s");
    assert_written(1001, "1.001s");
    assert_written(10000, "10s");
    assert_written(60000, "1m");
    assert_written(90000, "90s");
    assert_written(7200000, "2h");
    assert_written(172800000, "2d");
    assert_written(DURATION_MAX_MS, "3650d");
}

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    for (int64_t ms = 0; ms < 4000000; ms += ms < 3000 ? 1 : 977) {
        char text[64] = {0};
        struct sink sink = {.buffer = text, .capacity = sizeof text - 1};
        duration_write(&sink, ms);
        assert_ms(text, ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_unit_counts),
        cmocka_unit_test(zero_is_a_duration),
        cmocka_unit_test(fractions_are_exact),
        cmocka_unit_test(what_is_not_zero_stays_so),
        cmocka_unit_test(no_number_is_no_duration),
        cmocka_unit_test(negative_is_said),
        cmocka_unit_test(unknown_units_are_said),
        cmocka_unit_test(ten_years_are_the_limit),
        cmocka_unit_test(overflow_is_too_long),
        cmocka_unit_test(every_fault_has_words),
        cmocka_unit_test(writing_is_short_and_exact),
        cmocka_unit_test(what_is_written_is_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
