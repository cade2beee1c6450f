#include "base/sink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* What was flushed, and how. */
struct drain {
    char bytes[4096];
    size_t used;
    size_t calls;
    size_t fail_at; /* the call that fails; 0 = none */
};

static bool drain_take(void *context, const char *bytes, size_t count)
{
    struct drain *drain = context;
    assert_true(count > 0);
    assert_true(drain->used + count < sizeof drain->bytes);
    if (++drain->calls == drain->fail_at)
        return false;
    memcpy(drain->bytes + drain->used, bytes, count);
    drain->used += count;
    return true;
}

static char memory[4096];

static struct sink fixed(size_t capacity)
{
    memset(memory, 0, sizeof memory);
    return (struct sink){.buffer = memory, .capacity = capacity};
}

static void buffer_of_any_size_keeps_order(void **state)
{
    (void)state;
    for (size_t capacity = 0; capacity <= 12; capacity++) {
        struct drain drain = {0};
        struct sink sink = {
            .flush = drain_take, .context = &drain, .buffer = memory, .capacity = capacity};
        sink_text(&sink, "one ");
        sink_text(&sink, "");
        sink_number(&sink, -23);
        sink_text(&sink, " a longer text than the buffer");
        assert_true(sink_finish(&sink));
        assert_string_equal(drain.bytes, "one -23 a longer text than the buffer");
    }
}

static void full_buffers_are_flushed_not_single_writes(void **state)
{
    struct drain drain = {0};
    struct sink sink = {.flush = drain_take, .context = &drain, .buffer = memory, .capacity = 8};
    (void)state;
    for (int i = 0; i < 16; i++)
        sink_text(&sink, "x");
    assert_int_equal(drain.calls, 1);
    assert_true(sink_finish(&sink));
    assert_int_equal(drain.calls, 2);
    assert_true(sink_finish(&sink));
    assert_int_equal(drain.calls, 2);
}

static void nothing_is_sent_after_a_failure(void **state)
{
    struct drain drain = {.fail_at = 2};
    struct sink sink = {.flush = drain_take, .context = &drain, .buffer = memory, .capacity = 4};
    (void)state;
    sink_text(&sink, "abcdefghijklmnop");
    sink_text(&sink, "more");
    assert_true(sink.failed);
    assert_false(sink_finish(&sink));
    assert_int_equal(drain.calls, 2);
    assert_string_equal(drain.bytes, "abcd");
}

static void failure_without_a_buffer(void **state)
{
    struct drain drain = {.fail_at = 1};
    struct sink sink = {.flush = drain_take, .context = &drain};
    (void)state;
    sink_text(&sink, "a");
    sink_text(&sink, "b");
    assert_false(sink_finish(&sink));
    assert_int_equal(drain.calls, 1);
}

static void without_flush_the_buffer_is_all(void **state)
{
    struct sink sink = fixed(4);
    (void)state;
    sink_text(&sink, "abcd");
    assert_true(sink_finish(&sink));
    assert_int_equal(sink.used, 4);
    sink_text(&sink, "e");
    assert_false(sink_finish(&sink));
    assert_int_equal(sink.used, 4);
    assert_memory_equal(memory, "abcd", 5);
}

#define assert_writes(expected, call)                                                              \
    do {                                                                                           \
        struct sink sink = fixed(sizeof memory - 1);                                               \
        call;                                                                                      \
        assert_true(sink_finish(&sink));                                                           \
        assert_string_equal(memory, expected);                                                     \
    } while (0)

static void numbers(void **state)
{
    (void)state;
    assert_writes("0", sink_number(&sink, 0));
    assert_writes("-1", sink_number(&sink, -1));
    assert_writes("9223372036854775807", sink_number(&sink, INT64_MAX));
    assert_writes("-9223372036854775808", sink_number(&sink, INT64_MIN));
    assert_writes("18446744073709551615", sink_unsigned(&sink, UINT64_MAX));
}

static void spaces_fill_a_column(void **state)
{
    (void)state;
    assert_writes("   ", sink_spaces(&sink, 2, 5));
    assert_writes("", sink_spaces(&sink, 5, 5));
    assert_writes("", sink_spaces(&sink, 9, 5));
}

static void times_in_utc(void **state)
{
    (void)state;
    assert_writes("1970-01-01T00:00:00.000Z", sink_utc(&sink, 0));
    assert_writes("1970-01-01T00:00:00.000Z", sink_utc(&sink, -1));
    assert_writes("1972-02-29T00:00:00.000Z", sink_utc(&sink, 68169600000));
    assert_writes("1999-12-31T23:59:59.999Z", sink_utc(&sink, 946684799999));
    assert_writes("2000-02-29T12:00:00.001Z", sink_utc(&sink, 951825600001));
    assert_writes("2000-03-01T00:00:00.000Z", sink_utc(&sink, 951868800000));
    assert_writes("2026-11-23T03:42:34.056Z", sink_utc(&sink, 1795405354056));
    assert_writes("2100-02-28T23:59:59.000Z", sink_utc(&sink, 4107542399000));
    assert_writes("2100-03-01T00:00:00.000Z", sink_utc(&sink, 4107542400000));
    assert_writes("9999-12-31T23:59:59.999Z", sink_utc(&sink, INT64_MAX));
}

static void json_escapes(void **state)
{
    (void)state;
    assert_writes("\"\"", sink_json_string(&sink, ""));
    assert_writes("null", sink_json_string(&sink, NULL));
    assert_writes("\"a \\\"b\\\" \\\\ / <&'>\"", sink_json_string(&sink, "a \"b\" \\ / <&'>"));
    assert_writes("\"\\u0001\\u000a\\u001f\\u007f\"", sink_json_string(&sink, "\x01\n\x1f\x7f"));
    /* C1 control, right-to-left override, line separator, byte order mark: visible and kept */
    assert_writes("\"\\u009b\\u202e\\u2028\\ufeff\"",
                  sink_json_string(&sink, "\xc2\x9b\xe2\x80\xae\xe2\x80\xa8\xef\xbb\xbf"));
}

static void html_escapes(void **state)
{
    (void)state;
    assert_writes("&lt;b&gt; &amp; &quot;x&quot; &#39;y&#39; \\",
                  sink_html_text(&sink, "<b> & \"x\" 'y' \\"));
    assert_writes("a\xef\xbf\xbd\xef\xbf\xbd z", sink_html_text(&sink, "a\x1b\xff z"));
    assert_writes("", sink_html_text(&sink, NULL));
}

static void plain_escapes(void **state)
{
    (void)state;
    assert_writes("?[31m \"<&>\\ ??", sink_plain_text(&sink, "\x1b[31m \"<&>\\ \x80\n"));
    assert_writes("?x", sink_plain_text(&sink, "\xe2\x80\xaex"));
    assert_writes("", sink_plain_text(&sink, NULL));
}

static void good_utf8_passes(void **state)
{
    /* the first and last of each length, around the surrogates; joiners */
    const char *good = "~ \xc2\xa0 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 "
                       "\xf0\x90\x80\x80 \xf4\x8f\xbf\xbd \xe2\x80\x8d";
    (void)state;
    assert_writes(good, sink_plain_text(&sink, good));
    assert_writes(good, sink_html_text(&sink, good));
    assert_writes(good, sink_escaped(&sink, SINK_JSON, good, 1000));
}

static void broken_utf8_is_replaced_byte_by_byte(void **state)
{
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        {"\x80", "?"},                /* a continuation alone */
        {"\xc0\xaf", "??"},           /* overlong, 2 bytes */
        {"\xc1\xbf", "??"},           /* the same */
        {"\xe0\x9f\xbf", "???"},      /* overlong, 3 bytes */
        {"\xf0\x8f\xbf\xbf", "????"}, /* overlong, 4 bytes */
        {"\xed\xa0\x80", "???"},      /* a surrogate */
        {"\xf4\x90\x80\x80", "????"}, /* beyond Unicode */
        {"\xf5\x80\x80\x80", "????"}, /* the same */
        {"\xc3", "?"},                /* cut off */
        {"\xe2\x82", "??"},           /* cut off */
        {"\xf0\x9f\x8c", "???"},      /* cut off */
        {"\xe2\x82\"<", "??\"<"},     /* what follows is not swallowed */
        {"\xef\xbf\xbf", "?"},        /* noncharacters */
        {"\xf0\x9f\xbf\xbf", "?"},    /* the same */
        {"\xfe\xff", "??"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_writes(cases[i].expected, sink_plain_text(&sink, cases[i].text));
}

static void text_ends_at_its_limit(void **state)
{
    const char cut[] = {'a', '\xc3', '\xa4'};
    (void)state;
    assert_writes("a\xc3\xa4", sink_escaped(&sink, SINK_PLAIN, cut, 3));
    assert_writes("a?", sink_escaped(&sink, SINK_PLAIN, cut, 2));
    assert_writes("", sink_escaped(&sink, SINK_PLAIN, cut, 0));
    assert_writes("ab", sink_escaped(&sink, SINK_PLAIN, "ab\0c", 4));
    assert_writes("", sink_escaped(&sink, SINK_PLAIN, NULL, 9));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffer_of_any_size_keeps_order),
        cmocka_unit_test(full_buffers_are_flushed_not_single_writes),
        cmocka_unit_test(nothing_is_sent_after_a_failure),
        cmocka_unit_test(failure_without_a_buffer),
        cmocka_unit_test(without_flush_the_buffer_is_all),
        cmocka_unit_test(numbers),
        cmocka_unit_test(spaces_fill_a_column),
        cmocka_unit_test(times_in_utc),
        cmocka_unit_test(json_escapes),
        cmocka_unit_test(html_escapes),
        cmocka_unit_test(plain_escapes),
        cmocka_unit_test(good_utf8_passes),
        cmocka_unit_test(broken_utf8_is_replaced_byte_by_byte),
        cmocka_unit_test(text_ends_at_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
