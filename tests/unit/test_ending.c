#include "core/ending.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define GRACE_MS      10000
#define EXIT_GRACE_MS 1000
#define NOW_MS        500

static struct ending usual(void)
{
    return (struct ending){.grace_ms = GRACE_MS, .exit_grace_ms = EXIT_GRACE_MS};
}

static void a_fresh_one_is_never_due(void **state)
{
    (void)state;
    struct ending ending = usual();
    assert_int_equal(ending_pass(&ending, INT64_MAX), STEP_NONE);
    assert_true(ending_deadline(&ending) == INT64_MAX);
    assert_false(ending_awaits_rest(&ending));
}

static void a_stop_asks_the_command_and_forces_at_the_end_of_the_grace(void **state)
{
    (void)state;
    struct ending ending = usual();
    assert_int_equal(ending_ask(&ending, TRIGGER_TIMEOUT, false, NOW_MS), STEP_ASK);
    assert_int_equal(ending_deadline(&ending), NOW_MS + GRACE_MS);
    assert_int_equal(ending_pass(&ending, NOW_MS + GRACE_MS - 1), STEP_NONE);
    assert_int_equal(ending_pass(&ending, NOW_MS + GRACE_MS), STEP_FORCE);
    assert_true(ending.expired);
    assert_int_equal(ending.trigger, TRIGGER_TIMEOUT);
    assert_true(ending_deadline(&ending) == INT64_MAX);
}

static void what_an_asked_command_left_is_asked_in_turn_within_the_same_grace(void **state)
{
    (void)state;
    struct ending ending = usual();
    int64_t gone_ms = NOW_MS + 100;
    ending_ask(&ending, TRIGGER_ASKED, false, NOW_MS);
    assert_int_equal(ending_command_gone(&ending, gone_ms), STEP_NONE);
    assert_true(ending_awaits_rest(&ending));
    assert_int_equal(ending_pass(&ending, gone_ms + ENDING_SETTLE_MS - 1), STEP_NONE);
    assert_int_equal(ending_pass(&ending, gone_ms + ENDING_SETTLE_MS), STEP_ASK_HEADS);
    assert_true(ending_awaits_rest(&ending));
    assert_int_equal(ending_pass(&ending, NOW_MS + GRACE_MS), STEP_FORCE);
}

static void what_a_command_left_at_the_very_end_of_the_grace_is_forced(void **state)
{
    (void)state;
    struct ending ending = usual();
    ending_ask(&ending, TRIGGER_ASKED, false, NOW_MS);
    assert_int_equal(ending_command_gone(&ending, NOW_MS + GRACE_MS), STEP_FORCE);
}

static void what_a_command_that_ended_by_itself_left_has_the_exit_grace(void **state)
{
    (void)state;
    struct ending ending = usual();
    assert_int_equal(ending_command_gone(&ending, NOW_MS), STEP_NONE);
    assert_int_equal(ending.trigger, TRIGGER_WARD_DEAD);
    assert_int_equal(ending_pass(&ending, NOW_MS + ENDING_SETTLE_MS), STEP_ASK_HEADS);
    assert_int_equal(ending_pass(&ending, NOW_MS + EXIT_GRACE_MS), STEP_FORCE);
}

static void without_an_exit_grace_it_is_forced_at_once(void **state)
{
    (void)state;
    struct ending ending = {.grace_ms = GRACE_MS};
    assert_int_equal(ending_command_gone(&ending, NOW_MS), STEP_FORCE);
    ending = (struct ending){.grace_ms = GRACE_MS};
    assert_int_equal(ending_strike(&ending, TRIGGER_STALE, false, NOW_MS), STEP_FORCE);
}

static void a_short_exit_grace_asks_soon(void **state)
{
    (void)state;
    struct ending ending = {.exit_grace_ms = 100};
    ending_command_gone(&ending, NOW_MS);
    assert_int_equal(ending_pass(&ending, NOW_MS + 19), STEP_NONE);
    assert_int_equal(ending_pass(&ending, NOW_MS + 20), STEP_ASK_HEADS);
    assert_int_equal(ending_pass(&ending, NOW_MS + 100), STEP_FORCE);
}

static void a_command_that_hangs_is_killed_and_the_rest_has_the_exit_grace(void **state)
{
    (void)state;
    struct ending ending = usual();
    assert_int_equal(ending_strike(&ending, TRIGGER_STALE, false, NOW_MS), STEP_KILL);
    assert_int_equal(ending_command_gone(&ending, NOW_MS + 5), STEP_NONE);
    assert_int_equal(ending_pass(&ending, NOW_MS + 5 + ENDING_SETTLE_MS), STEP_ASK_HEADS);
    assert_int_equal(ending_pass(&ending, NOW_MS + 5 + EXIT_GRACE_MS), STEP_FORCE);
    assert_int_equal(ending.trigger, TRIGGER_STALE);
}

static void a_killed_command_that_does_not_end_keeps_nobody_waiting(void **state)
{
    (void)state;
    struct ending ending = usual();
    ending_strike(&ending, TRIGGER_STALE, false, NOW_MS);
    assert_int_equal(ending_pass(&ending, NOW_MS + EXIT_GRACE_MS), STEP_FORCE);
}

static void what_is_asked_without_its_command_is_the_rest(void **state)
{
    (void)state;
    struct ending ending = usual();
    assert_int_equal(ending_ask(&ending, TRIGGER_ASKED, true, NOW_MS), STEP_ASK_HEADS);
    assert_int_equal(ending_pass(&ending, NOW_MS + GRACE_MS), STEP_FORCE);
}

static void those_whose_parents_end_meanwhile_are_asked_in_their_turn(void **state)
{
    (void)state;
    struct ending ending = usual();
    ending_ask(&ending, TRIGGER_ASKED, true, NOW_MS);
    assert_int_equal(ending_deadline(&ending), NOW_MS + ENDING_SETTLE_MS);
    assert_int_equal(ending_pass(&ending, NOW_MS + ENDING_SETTLE_MS - 1), STEP_NONE);
    assert_int_equal(ending_pass(&ending, NOW_MS + ENDING_SETTLE_MS), STEP_ASK_HEADS);
    assert_int_equal(ending_pass(&ending, NOW_MS + 2 * ENDING_SETTLE_MS), STEP_ASK_HEADS);
    assert_true(ending_awaits_rest(&ending));
}

static void after_half_of_the_time_all_of_the_rest_are_asked(void **state)
{
    (void)state;
    struct ending ending = usual();
    ending_ask(&ending, TRIGGER_ASKED, true, NOW_MS);
    assert_int_equal(ending_pass(&ending, NOW_MS + GRACE_MS / 2 - 1), STEP_ASK_HEADS);
    assert_int_equal(ending_deadline(&ending), NOW_MS + GRACE_MS / 2);
    assert_int_equal(ending_pass(&ending, NOW_MS + GRACE_MS / 2), STEP_ASK_REST);
    assert_int_equal(ending_deadline(&ending), NOW_MS + GRACE_MS);
    assert_int_equal(ending_pass(&ending, NOW_MS + GRACE_MS), STEP_FORCE);
}

static void a_rest_that_is_to_be_asked_at_once_is(void **state)
{
    (void)state;
    struct ending ending = usual();
    ending.at_once = true;
    assert_int_equal(ending_ask(&ending, TRIGGER_ASKED, true, NOW_MS), STEP_ASK_REST);
    assert_int_equal(ending_deadline(&ending), NOW_MS + GRACE_MS);
}

static void a_guard_that_takes_over_asks_no_process_a_second_time(void **state)
{
    (void)state;
    struct ending ending = usual();
    struct ending heir = usual();
    ending_ask(&ending, TRIGGER_ASKED, true, NOW_MS);
    ending_inherit(&heir, &ending);
    assert_int_equal(ending_pass(&heir, NOW_MS + GRACE_MS - 1), STEP_NONE);
    assert_int_equal(ending_pass(&heir, NOW_MS + GRACE_MS), STEP_FORCE);
}

static void a_second_trigger_changes_nothing(void **state)
{
    (void)state;
    struct ending ending = usual();
    ending_ask(&ending, TRIGGER_CALLER_DEAD, false, 0);
    assert_int_equal(ending_ask(&ending, TRIGGER_TIMEOUT, false, 900), STEP_NONE);
    assert_int_equal(ending_strike(&ending, TRIGGER_STALE, false, 900), STEP_NONE);
    assert_int_equal(ending_deadline(&ending), GRACE_MS);
    assert_int_equal(ending.trigger, TRIGGER_CALLER_DEAD);
}

static void forcing_keeps_the_first_trigger(void **state)
{
    (void)state;
    struct ending ending = usual();
    ending_ask(&ending, TRIGGER_TIMEOUT, false, 0);
    ending_force(&ending, TRIGGER_ASKED);
    assert_int_equal(ending.phase, ENDING_FORCED);
    assert_int_equal(ending.trigger, TRIGGER_TIMEOUT);
    assert_false(ending.expired);
    assert_int_equal(ending_pass(&ending, INT64_MAX), STEP_NONE);
    assert_int_equal(ending_command_gone(&ending, 5), STEP_NONE);
}

static void a_clock_that_steps_back_does_not_undo_the_end(void **state)
{
    (void)state;
    struct ending ending = {.grace_ms = 10};
    ending_ask(&ending, TRIGGER_ASKED, false, 0);
    assert_int_equal(ending_pass(&ending, 10), STEP_FORCE);
    assert_int_equal(ending_pass(&ending, 0), STEP_NONE);
    assert_int_equal(ending.phase, ENDING_FORCED);
}

static void no_grace_asks_and_forces_at_once(void **state)
{
    (void)state;
    struct ending ending = {0};
    assert_int_equal(ending_ask(&ending, TRIGGER_ASKED, false, 77), STEP_ASK);
    assert_int_equal(ending_pass(&ending, 77), STEP_FORCE);
}

static void a_huge_grace_never_ends(void **state)
{
    (void)state;
    const int64_t starts[] = {0, 1, INT64_MAX - 1};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        struct ending ending = {.grace_ms = INT64_MAX};
        ending_ask(&ending, TRIGGER_ASKED, false, starts[i]);
        assert_true(ending_deadline(&ending) == INT64_MAX);
        assert_int_equal(ending_pass(&ending, INT64_MAX - 1), STEP_NONE);
    }
}

static void a_command_that_asks_for_more_time_has_it(void **state)
{
    (void)state;
    struct ending ending = usual();
    ending_extend(&ending, 1);
    assert_true(ending_deadline(&ending) == INT64_MAX);
    ending_ask(&ending, TRIGGER_ASKED, false, 0);
    ending_extend(&ending, GRACE_MS - 1);
    assert_int_equal(ending_deadline(&ending), GRACE_MS);
    ending_extend(&ending, 2 * GRACE_MS);
    assert_int_equal(ending_pass(&ending, 2 * GRACE_MS - 1), STEP_NONE);
    ending_command_gone(&ending, 2 * GRACE_MS - 500);
    assert_int_equal(ending_pass(&ending, 2 * GRACE_MS - 300), STEP_ASK_HEADS);
    assert_int_equal(ending_pass(&ending, 2 * GRACE_MS), STEP_FORCE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_one_is_never_due),
        cmocka_unit_test(a_stop_asks_the_command_and_forces_at_the_end_of_the_grace),
        cmocka_unit_test(what_an_asked_command_left_is_asked_in_turn_within_the_same_grace),
        cmocka_unit_test(what_a_command_left_at_the_very_end_of_the_grace_is_forced),
        cmocka_unit_test(what_a_command_that_ended_by_itself_left_has_the_exit_grace),
        cmocka_unit_test(without_an_exit_grace_it_is_forced_at_once),
        cmocka_unit_test(a_short_exit_grace_asks_soon),
        cmocka_unit_test(a_command_that_hangs_is_killed_and_the_rest_has_the_exit_grace),
        cmocka_unit_test(a_killed_command_that_does_not_end_keeps_nobody_waiting),
        cmocka_unit_test(what_is_asked_without_its_command_is_the_rest),
        cmocka_unit_test(those_whose_parents_end_meanwhile_are_asked_in_their_turn),
        cmocka_unit_test(after_half_of_the_time_all_of_the_rest_are_asked),
        cmocka_unit_test(a_rest_that_is_to_be_asked_at_once_is),
        cmocka_unit_test(a_guard_that_takes_over_asks_no_process_a_second_time),
        cmocka_unit_test(a_second_trigger_changes_nothing),
        cmocka_unit_test(forcing_keeps_the_first_trigger),
        cmocka_unit_test(a_clock_that_steps_back_does_not_undo_the_end),
        cmocka_unit_test(no_grace_asks_and_forces_at_once),
        cmocka_unit_test(a_huge_grace_never_ends),
        cmocka_unit_test(a_command_that_asks_for_more_time_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
