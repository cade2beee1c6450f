#include "base/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct sample {
    const char *pattern;
    const char *name;
    bool matches;
};

static void assert_samples(const struct sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (pattern_matches(samples[i].pattern, samples[i].name) != samples[i].matches)
            fail_msg("'%s' on '%s' should be %d", samples[i].pattern, samples[i].name,
                     samples[i].matches);
}
#define ASSERT_SAMPLES(samples) assert_samples(samples, sizeof(samples) / sizeof *(samples))

static void plain_text_matches_itself_whole(void **state)
{
    (void)state;
    static const struct sample samples[] = {{"nginx", "nginx", true}, {"nginx", "nginx2", false},
                                            {"nginx", "ngin", false}, {"nginx", "", false},
                                            {"", "", true},           {"", "a", false},
                                            {"Nginx", "nginx", false}};
    ASSERT_SAMPLES(samples);
}

static void a_star_is_any_text(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"*", "", true},           {"*", "x", true},         {"***", "abc", true},
        {"a*", "abc", true},       {"a*", "bac", false},     {"*c", "abc", true},
        {"*c", "abcd", false},     {"a*c", "abcbc", true},   {"a*b*c", "a1b2b3c", true},
        {"a*b*c", "a1c2b", false}, {"*aab", "aaaaab", true}, {"*a*", "bbb", false},
        {"a*", "a", true}};
    ASSERT_SAMPLES(samples);
}

static void a_question_mark_is_one_byte(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"?", "a", true},  {"?", "", false},  {"?", "ab", false},  {"a?c", "abc", true},
        {"*?", "", false}, {"*?", "a", true}, {"?*?", "a", false}, {"?*?", "ab", true}};
    ASSERT_SAMPLES(samples);
}

static void sets_hold_bytes_and_ranges(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"[abc]", "b", true},         {"[abc]", "d", false},
        {"[abc]", "", false},         {"[a-c]x", "bx", true},
        {"[a-c]x", "dx", false},      {"[a-c0-9]", "7", true},
        {"[!a-c]", "d", true},        {"[!a-c]", "b", false},
        {"[^a]", "b", true},          {"[]]", "]", true},
        {"[!]]", "]", false},         {"[]a]", "a", true},
        {"[a-]", "-", true},          {"[-a]", "-", true},
        {"[z-a]", "m", false},        {"worker-[0-9]", "worker-3", true},
        {"*[0-9]", "worker-3", true}, {"*[0-9]*", "w3x", true},
        {"[*]", "*", true},           {"[*]", "a", false},
        {"[\x80-\xff]", "\xc3", true}};
    ASSERT_SAMPLES(samples);
}

static void a_set_without_an_end_is_a_bracket(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"[", "[", true},   {"[", "a", false},    {"[abc", "[abc", true}, {"[abc", "a", false},
        {"[!", "[!", true}, {"[a-", "[a-", true}, {"[]", "[]", true},     {"*[", "x[", true}};
    ASSERT_SAMPLES(samples);
}

static void a_backslash_takes_the_next_as_it_is(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"\\*", "*", true},   {"\\*", "a", false},  {"\\?", "?", true}, {"\\[a]", "[a]", true},
        {"\\\\", "\\", true}, {"a\\", "a\\", true}, {"\\a", "a", true}};
    ASSERT_SAMPLES(samples);
}

/* A matcher that tries every star against every place would not come back from this one. */
static void many_stars_do_not_blow_up(void **state)
{
    (void)state;
    char pattern[2 * 4000 + 2];
    char name[4001];
    for (size_t i = 0; i < 4000; i++) {
        pattern[2 * i] = '*';
        pattern[2 * i + 1] = 'a';
        name[i] = 'a';
    }
    memcpy(pattern + sizeof pattern - 2, "b", 2);
    name[4000] = '\0';
    assert_false(pattern_matches(pattern, name));
    pattern[sizeof pattern - 2] = '*';
    assert_true(pattern_matches(pattern, name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_matches_itself_whole),
        cmocka_unit_test(a_star_is_any_text),
        cmocka_unit_test(a_question_mark_is_one_byte),
        cmocka_unit_test(sets_hold_bytes_and_ranges),
        cmocka_unit_test(a_set_without_an_end_is_a_bracket),
        cmocka_unit_test(a_backslash_takes_the_next_as_it_is),
        cmocka_unit_test(many_stars_do_not_blow_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
