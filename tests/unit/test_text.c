#include "base/array.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    uint64_t number;
    const char *text;
} numbers[] = {
    {0, "0"}, {9, "9"}, {10, "10"}, {4194304, "4194304"}, {UINT64_MAX, "18446744073709551615"},
};
#define NUMBER_COUNT (sizeof numbers / sizeof *numbers)

static void numbers_are_written_and_read_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        char text[TEXT_DECIMAL_BYTES];
        uint64_t number = 1;
        const char *at = text;
        assert_int_equal(text_decimal(text, numbers[i].number), strlen(numbers[i].text));
        assert_string_equal(text, numbers[i].text);
        assert_true(text_to_number(text, strlen(text), &number));
        assert_true(number == numbers[i].number);
        assert_true(text_number(&at) == numbers[i].number && *at == '\0');
    }
}

static void what_is_no_number_or_does_not_fit_is_refused(void **state)
{
    static const char *const wrong[] = {
        "", "-1", "+1", " 1", "1 ", "0x1", "18446744073709551616", "99999999999999999999"};
    uint64_t number = 7;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(text_to_number(wrong[i], strlen(wrong[i]), &number));
    assert_int_equal(number, 7);
}

static void a_number_ends_at_the_first_other_byte(void **state)
{
    const char *at = "12:34";
    uint64_t number;
    (void)state;
    assert_int_equal(text_number(&at), 12);
    assert_string_equal(at, ":34");
    assert_int_equal(text_number(&at), 0);
    assert_string_equal(at, ":34");
    assert_true(text_to_number("12:34", 2, &number) && number == 12);
}

static void a_field_has_its_width_and_touches_nothing_else(void **state)
{
    char text[] = "______";
    (void)state;
    text_field(text + 1, 7, 3);
    assert_string_equal(text, "_007__");
    text_hex(text + 1, 0x12ab, 4);
    assert_string_equal(text, "_12ab_");
}

static void bytes_become_lower_case_digits(void **state)
{
    const unsigned char bytes[] = {0x00, 0x7f, 0xa0, 0xff};
    char text[2 * sizeof bytes + 1];
    (void)state;
    text_hex_bytes(text, bytes, sizeof bytes);
    assert_string_equal(text, "007fa0ff");
    assert_true(text_is_hex(text, 8));
    assert_false(text_is_hex(text, 7));
    assert_false(text_is_hex("007FA0FF", 8));
}

struct item {
    int32_t number;
    char rest[9];
};

static void the_place_of_a_number_is_the_first_that_is_not_below(void **state)
{
    const struct item items[] = {{-3, ""}, {1, ""}, {4, ""}, {4, ""}, {9, ""}};
    const size_t count = sizeof items / sizeof *items;
    (void)state;
    for (int32_t number = -5; number < 12; number++)
        for (size_t some = 0; some <= count; some++) {
            size_t expected = 0;
            while (expected < some && items[expected].number < number)
                expected++;
            assert_int_equal(array_place(items, some, sizeof *items, number), expected);
        }
}

static void an_array_grows_to_twice_its_size(void **state)
{
    (void)state;
    assert_int_equal(array_more(0, 8), 8);
    assert_int_equal(array_more(8, 8), 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_written_and_read_back),
        cmocka_unit_test(what_is_no_number_or_does_not_fit_is_refused),
        cmocka_unit_test(a_number_ends_at_the_first_other_byte),
        cmocka_unit_test(a_field_has_its_width_and_touches_nothing_else),
        cmocka_unit_test(bytes_become_lower_case_digits),
        cmocka_unit_test(the_place_of_a_number_is_the_first_that_is_not_below),
        cmocka_unit_test(an_array_grows_to_twice_its_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
