#include "core/escalation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct escalation with_grace(int64_t grace_ms)
{
    return (struct escalation){.grace_ms = grace_ms};
}

static void idle_is_never_due(void **unused)
{
    (void)unused;
    struct escalation escalation = with_grace(0);
    assert_false(escalation_is_due(&escalation, 0));
    assert_false(escalation_is_due(&escalation, INT64_MAX));
    assert_true(escalation_deadline(&escalation) == INT64_MAX);
}

static void asks_waits_and_forces(void **unused)
{
    (void)unused;
    struct escalation escalation = with_grace(10000);
    assert_true(escalation_ask(&escalation, TRIGGER_TIMEOUT, 500));
    assert_int_equal(escalation_deadline(&escalation), 10500);
    assert_false(escalation_is_due(&escalation, 500));
    assert_false(escalation_is_due(&escalation, 10499));
    assert_true(escalation_is_due(&escalation, 10500));
    assert_int_equal(escalation.stage, STAGE_FORCED);
    assert_int_equal(escalation.trigger, TRIGGER_TIMEOUT);
    assert_true(escalation_deadline(&escalation) == INT64_MAX);
}

/* Once due it stays so, even if a clock were to go back. */
static void what_is_forced_stays_forced(void **unused)
{
    (void)unused;
    struct escalation escalation = with_grace(10);
    escalation_ask(&escalation, TRIGGER_ASKED, 0);
    assert_true(escalation_is_due(&escalation, 10));
    assert_true(escalation_is_due(&escalation, 0));
    assert_false(escalation_ask(&escalation, TRIGGER_TIMEOUT, 20));
    assert_true(escalation_is_due(&escalation, 20));
    assert_int_equal(escalation.trigger, TRIGGER_ASKED);
}

/* The ward is asked once, and a later trigger does not stretch the budget or rename the cause. */
static void a_second_trigger_changes_nothing(void **unused)
{
    (void)unused;
    struct escalation escalation = with_grace(1000);
    assert_true(escalation_ask(&escalation, TRIGGER_CALLER_DEAD, 0));
    assert_false(escalation_ask(&escalation, TRIGGER_TIMEOUT, 900));
    assert_int_equal(escalation_deadline(&escalation), 1000);
    assert_int_equal(escalation.trigger, TRIGGER_CALLER_DEAD);
    assert_true(escalation_is_due(&escalation, 1000));
}

static void no_grace_is_due_at_once(void **unused)
{
    (void)unused;
    struct escalation escalation = with_grace(0);
    assert_true(escalation_ask(&escalation, TRIGGER_ASKED, 77));
    assert_int_equal(escalation_deadline(&escalation), 77);
    assert_true(escalation_is_due(&escalation, 77));
}

static void a_huge_grace_never_ends(void **unused)
{
    (void)unused;
    const int64_t starts[] = {0, 1, 1000, INT64_MAX - 1, INT64_MAX};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        struct escalation escalation = with_grace(INT64_MAX);
        assert_true(escalation_ask(&escalation, TRIGGER_ASKED, starts[i]));
        assert_true(escalation_deadline(&escalation) == INT64_MAX);
        assert_false(escalation_is_due(&escalation, INT64_MAX - 1));
    }
}

static void forcing_needs_no_asking(void **unused)
{
    (void)unused;
    struct escalation escalation = with_grace(10000);
    escalation_force(&escalation, TRIGGER_STALE);
    assert_true(escalation_is_due(&escalation, 0));
    assert_int_equal(escalation.trigger, TRIGGER_STALE);
    assert_false(escalation_ask(&escalation, TRIGGER_TIMEOUT, 0));
}

/* Asked by a timeout, forced by an impatient user: it fell because of the timeout. */
static void forcing_keeps_the_first_cause(void **unused)
{
    (void)unused;
    struct escalation escalation = with_grace(10000);
    escalation_ask(&escalation, TRIGGER_TIMEOUT, 0);
    escalation_force(&escalation, TRIGGER_ASKED);
    assert_true(escalation_is_due(&escalation, 1));
    assert_int_equal(escalation.trigger, TRIGGER_TIMEOUT);
    assert_true(escalation_deadline(&escalation) == INT64_MAX);
    escalation_force(&escalation, TRIGGER_GUARD_LOST);
    assert_int_equal(escalation.trigger, TRIGGER_TIMEOUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idle_is_never_due),
        cmocka_unit_test(asks_waits_and_forces),
        cmocka_unit_test(what_is_forced_stays_forced),
        cmocka_unit_test(a_second_trigger_changes_nothing),
        cmocka_unit_test(no_grace_is_due_at_once),
        cmocka_unit_test(a_huge_grace_never_ends),
        cmocka_unit_test(forcing_needs_no_asking),
        cmocka_unit_test(forcing_keeps_the_first_cause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
