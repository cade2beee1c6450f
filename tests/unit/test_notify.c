#include "core/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct notify_fields parse(const char *text)
{
    struct notify_fields fields;
    memset(&fields, 0xa5, sizeof fields);
    notify_parse(text, &fields);
    return fields;
}

static void assert_says_nothing(const char *text)
{
    struct notify_fields fields = parse(text);
    if (fields.ready || fields.reloading || fields.stopping || fields.watchdog ||
        fields.watchdog_trigger || fields.barrier || fields.watchdog_usec || fields.extend_usec ||
        fields.status[0])
        fail_msg("says something: %s", text);
}

static void each_field_is_told_apart(void **state)
{
    (void)state;
    assert_true(parse("READY=1").ready);
    assert_true(parse("RELOADING=1").reloading);
    assert_true(parse("STOPPING=1").stopping);
    assert_true(parse("WATCHDOG=1").watchdog);
    assert_false(parse("WATCHDOG=1").watchdog_trigger);
    assert_true(parse("WATCHDOG=trigger").watchdog_trigger);
    assert_false(parse("WATCHDOG=trigger").watchdog);
    assert_true(parse("BARRIER=1").barrier);
    assert_int_equal(parse("WATCHDOG_USEC=3000000").watchdog_usec, 3000000);
    assert_int_equal(parse("EXTEND_TIMEOUT_USEC=5000000").extend_usec, 5000000);
    assert_string_equal(parse("STATUS=up and running").status, "up and running");
}

static void lines_come_in_any_order_and_number(void **state)
{
    (void)state;
    struct notify_fields fields = parse("\nMAINPID=7\nSTATUS=a=b\n\n\nWATCHDOG=1\nREADY=1\n");
    assert_true(fields.ready);
    assert_true(fields.watchdog);
    assert_string_equal(fields.status, "a=b");
    assert_false(fields.stopping);
}

static void what_is_not_known_is_ignored(void **state)
{
    (void)state;
    const char *const texts[] = {"",
                                 "\n",
                                 "\n\n\n",
                                 "=",
                                 "=1",
                                 "READY",
                                 "READY=",
                                 "READY=0",
                                 "READY=11",
                                 "READY=1 ",
                                 " READY=1",
                                 "ready=1",
                                 "READY=1\r",
                                 "XREADY=1",
                                 "READYX=1",
                                 "READY==1",
                                 "WATCHDOG=",
                                 "WATCHDOG=2",
                                 "WATCHDOG",
                                 "WATCHDOG=TRIGGER",
                                 "FDSTORE=1",
                                 "MAINPID=1",
                                 "NOTIFYACCESS=all",
                                 "ERRNO=2",
                                 "BUSERROR=x",
                                 "STATUS",
                                 "STATUS=",
                                 "X_STATUS=a",
                                 "BARRIER=2",
                                 "a\xff\xfe=\x80",
                                 "WATCHDOG_USEC",
                                 "STOPPING=yes"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_says_nothing(texts[i]);
}

static void a_number_that_is_none_is_not_said(void **state)
{
    (void)state;
    const char *const values[] = {"",
                                  "-1",
                                  "1:",
                                  "1/",
                                  "+1",
                                  " 1",
                                  "1 ",
                                  "0x10",
                                  "1e6",
                                  "1s",
                                  "infinity",
                                  "1.5",
                                  "1,5",
                                  "9223372036854775808",
                                  "18446744073709551616",
                                  "99999999999999999999999999999999999999"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char text[128];
        (void)snprintf(text, sizeof text, "WATCHDOG_USEC=%s", values[i]);
        assert_says_nothing(text);
        (void)snprintf(text, sizeof text, "EXTEND_TIMEOUT_USEC=%s", values[i]);
        assert_says_nothing(text);
    }
    assert_int_equal(parse("WATCHDOG_USEC=9223372036854775807").watchdog_usec, INT64_MAX);
    assert_int_equal(parse("WATCHDOG_USEC=007").watchdog_usec, 7);
}

static void of_a_repeated_line_the_first_counts(void **state)
{
    (void)state;
    assert_int_equal(parse("WATCHDOG_USEC=1\nWATCHDOG_USEC=2").watchdog_usec, 1);
    assert_int_equal(parse("WATCHDOG_USEC=x\nWATCHDOG_USEC=2").watchdog_usec, 2);
    assert_int_equal(parse("EXTEND_TIMEOUT_USEC=3\nEXTEND_TIMEOUT_USEC=4").extend_usec, 3);
    assert_string_equal(parse("STATUS=one\nSTATUS=two").status, "one");
    assert_string_equal(parse("STATUS=a\nSTATUS=b").status, "a");
}

static void a_beat_and_a_trigger_are_both_heard(void **state)
{
    (void)state;
    struct notify_fields fields = parse("WATCHDOG=1\nWATCHDOG=trigger");
    assert_true(fields.watchdog);
    assert_true(fields.watchdog_trigger);
}

static void a_long_status_is_cut(void **state)
{
    (void)state;
    char text[4096] = "STATUS=";
    memset(text + 7, 'x', sizeof text - 8);
    text[sizeof text - 1] = '\0';
    assert_int_equal(strlen(parse(text).status), NOTIFY_STATUS_BYTES - 1);
    text[7 + NOTIFY_STATUS_BYTES] = '\0';
    assert_int_equal(strlen(parse(text).status), NOTIFY_STATUS_BYTES - 1);
    text[7 + NOTIFY_STATUS_BYTES - 1] = '\0';
    assert_int_equal(strlen(parse(text).status), NOTIFY_STATUS_BYTES - 1);
}

static void a_status_is_cut_between_characters(void **state)
{
    (void)state;
    char text[512] = "STATUS=";
    for (size_t i = 0; i < 100; i++)
        memcpy(text + 7 + 3 * i, "\xe2\x82\xac", 3); /* the euro sign */
    assert_int_equal(strlen(parse(text).status), (NOTIFY_STATUS_BYTES - 1) / 3 * 3);
    /* Not UTF-8 at all: nothing of it is kept, and nothing else breaks. */
    memset(text + 7, 0x80, 300);
    assert_string_equal(parse(text).status, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_field_is_told_apart),
        cmocka_unit_test(lines_come_in_any_order_and_number),
        cmocka_unit_test(what_is_not_known_is_ignored),
        cmocka_unit_test(a_number_that_is_none_is_not_said),
        cmocka_unit_test(of_a_repeated_line_the_first_counts),
        cmocka_unit_test(a_beat_and_a_trigger_are_both_heard),
        cmocka_unit_test(a_long_status_is_cut),
        cmocka_unit_test(a_status_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
