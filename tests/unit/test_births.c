/* Lineage by the kernel's fork events, where neither brand nor cgroup tells who belongs. */
#include "fake_guard.h"
#include "tree/arm.h"
#include "tree/births.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int setup(void **unused)
{
    guard_setup(unused);
    guard.scope.brands.count = 0;
    arm_events(&guard.scope, 0, &guard.scope.lineage.births);
    return 0;
}

static int teardown(void **unused)
{
    os_handle_close(&guard.scope.lineage.births);
    return guard_teardown(unused);
}

static bool is_known(int32_t pid)
{
    const struct process_identity *known = lineage_find(&guard.scope.lineage, pid);
    return known && known->start == fake_find(pid)->row.id.start;
}

static void bear(int32_t pid, int32_t parent)
{
    fake_fork(pid, parent);
    fake_tell(OS_EVENT_FORK, pid, parent);
}

/* ---- */

static void they_are_needed_only_where_nothing_else_finds_orphans(void **unused)
{
    (void)unused;
    assert_true(births_are_needed(&guard.scope));
    guard.scope.brands.count = 1;
    assert_false(births_are_needed(&guard.scope));
    guard.scope.brands.count = 0;
}

static void a_daemon_whose_whole_line_is_dead_is_known(void **unused)
{
    (void)unused;
    bear(110, FAKE_WARD);
    bear(111, 110);
    bear(112, 111);
    fake_end(110);
    fake_end(111);
    fake_end(FAKE_WARD);
    assert_true(births_read(&guard.scope));
    assert_true(is_known(112));
    assert_null(lineage_find(&guard.scope.lineage, 110)); /* no child of it can be told any more */
}

static void a_strangers_child_is_not(void **unused)
{
    (void)unused;
    fake_add(110, FAKE_SHELL);
    fake_tell(OS_EVENT_FORK, 110, FAKE_SHELL);
    births_read(&guard.scope);
    assert_null(lineage_find(&guard.scope.lineage, 110));
}

static void a_number_that_was_given_out_again_is_forgotten(void **unused)
{
    (void)unused;
    bear(110, FAKE_WARD);
    births_read(&guard.scope);
    assert_true(is_known(110));
    fake_recycle(110);
    fake_tell(OS_EVENT_FORK, 110, FAKE_SHELL);
    fake_add(111, 110);
    fake_tell(OS_EVENT_FORK, 111, 110);
    births_read(&guard.scope);
    assert_null(lineage_find(&guard.scope.lineage, 110));
    assert_null(lineage_find(&guard.scope.lineage, 111));
}

/* The ward is an identity, no number. */
static void the_wards_number_given_out_again_adopts_nobody(void **unused)
{
    (void)unused;
    guard.scope.attached = true;
    fake_recycle(FAKE_WARD);
    fake_tell(OS_EVENT_FORK, FAKE_WARD, 1);
    fake_add(110, FAKE_WARD);
    fake_tell(OS_EVENT_FORK, 110, FAKE_WARD);
    births_read(&guard.scope);
    assert_null(lineage_find(&guard.scope.lineage, 110));
}

static void what_ended_and_passed_its_number_on_before_the_look_is_no_member(void **unused)
{
    (void)unused;
    bear(110, FAKE_WARD);
    fake_recycle(110); /* the event of the innocent's birth is still to come */
    births_read(&guard.scope);
    assert_null(lineage_find(&guard.scope.lineage, 110));
}

/* With events lost, a number may be an innocent's by now: only who is proven alive stays. */
static void after_a_loss_only_the_living_are_known(void **unused)
{
    (void)unused;
    bear(110, FAKE_WARD);
    bear(111, FAKE_WARD);
    births_read(&guard.scope);
    fake_recycle(110);
    fake.events_lost = true;
    assert_false(births_read(&guard.scope));
    assert_null(lineage_find(&guard.scope.lineage, 110));
    assert_true(is_known(111));
    fake_add(112, 110);
    fake_tell(OS_EVENT_FORK, 112, 110);
    births_read(&guard.scope);
    assert_null(lineage_find(&guard.scope.lineage, 112));
}

static void the_ended_are_dropped_in_time(void **unused)
{
    (void)unused;
    bear(110, FAKE_WARD);
    births_read(&guard.scope);
    fake_end(110);
    guard.scope.lineage.prune_at = 1;
    births_read(&guard.scope);
    assert_true(is_known(110)); /* a dead leader that is not reaped may have threads that fork */
    fake_find(110)->reaped = true;
    guard.scope.lineage.prune_at = 1;
    births_read(&guard.scope);
    assert_null(lineage_find(&guard.scope.lineage, 110));
    assert_true(guard.scope.lineage.prune_at > 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(they_are_needed_only_where_nothing_else_finds_orphans),
        TEST(a_daemon_whose_whole_line_is_dead_is_known),
        TEST(a_strangers_child_is_not),
        TEST(a_number_that_was_given_out_again_is_forgotten),
        TEST(the_wards_number_given_out_again_adopts_nobody),
        TEST(what_ended_and_passed_its_number_on_before_the_look_is_no_member),
        TEST(after_a_loss_only_the_living_are_known),
        TEST(the_ended_are_dropped_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
