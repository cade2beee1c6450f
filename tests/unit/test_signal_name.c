#include "os/signal_name.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int number_of(const char *text)
{
    int number = -77;
    return signal_by_name(text, strlen(text), &number) ? number : -1;
}

static void names_are_taken_in_every_form(void **state)
{
    (void)state;
    assert_int_equal(number_of("TERM"), SIGTERM);
    assert_int_equal(number_of("SIGTERM"), SIGTERM);
    assert_int_equal(number_of("term"), SIGTERM);
    assert_int_equal(number_of("SigTerm"), SIGTERM);
    assert_int_equal(number_of("15"), SIGTERM);
    assert_int_equal(number_of("CLD"), SIGCHLD);
    assert_int_equal(number_of("POLL"), SIGIO);
}

static void real_time_signals_count_from_both_ends(void **state)
{
    (void)state;
    assert_int_equal(number_of("RTMIN"), SIGRTMIN);
    assert_int_equal(number_of("SIGRTMIN+3"), SIGRTMIN + 3);
    assert_int_equal(number_of("rtmax"), SIGRTMAX);
    assert_int_equal(number_of("RTMAX-2"), SIGRTMAX - 2);
    assert_int_equal(number_of("RTMIN+99"), -1);
    assert_int_equal(number_of("RTMIN-1"), -1);
    assert_int_equal(number_of("RTMAX+1"), -1);
    assert_int_equal(number_of("RTMIN+"), -1);
    assert_int_equal(number_of("RTMIN+x"), -1);
}

static void what_is_no_signal_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",    "0",   "SIG",        "SIG15", "-15",   "+15",
                                        "65",  "999", "9999",       "15x",   "TERMX", "TER",
                                        " 15", "32",  "SIGSIGTERM", NULL};
    for (size_t i = 0; texts[i]; i++)
        if (number_of(texts[i]) != -1)
            fail_msg("'%s' was taken", texts[i]);
}

static void only_the_given_length_counts(void **state)
{
    int number = -77;
    (void)state;
    assert_true(signal_by_name("TERM=QUIT", 4, &number));
    assert_int_equal(number, SIGTERM);
    assert_false(signal_by_name("TERM", 3, &number));
    assert_int_equal(number, SIGTERM);
}

static void every_signal_has_a_name_that_leads_back(void **state)
{
    (void)state;
    for (int number = 1; number <= SIGRTMAX; number++) {
        const char *name = signal_name(number);
        if (number > 31 && number < SIGRTMIN)
            assert_null(name);
        else
            assert_int_equal(number_of(name), number);
    }
    assert_null(signal_name(0));
    assert_null(signal_name(-1));
    assert_null(signal_name(SIGRTMAX + 1));
    assert_string_equal(signal_name(SIGTERM), "TERM");
    assert_string_equal(signal_name(SIGABRT), "ABRT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_taken_in_every_form),
        cmocka_unit_test(real_time_signals_count_from_both_ends),
        cmocka_unit_test(what_is_no_signal_is_refused),
        cmocka_unit_test(only_the_given_length_counts),
        cmocka_unit_test(every_signal_has_a_name_that_leads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
