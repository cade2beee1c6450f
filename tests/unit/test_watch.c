/* `treefall watch` from its first word to its report: what it refuses, what it arms, how its two
 * processes stand in for each other. */
#include "base/status.h"
#include "fake_guard.h"
#include "watch/watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct watch_settings settings;
static struct watch watch;

static int setup(void **unused)
{
    (void)unused;
    fake_reset();
    fake_add(FAKE_WARD, FAKE_SHELL)->ours = true;
    fake_fork(CHILD, FAKE_WARD);
    settings = (struct watch_settings){.pid = FAKE_WARD,
                                       .plan = {.kill_delay_ms = KILL_DELAY,
                                                .startup_grace_ms = STARTUP,
                                                .hold_when_stopped = true,
                                                .fall_on_exit = true,
                                                .asks_for = PLAN_ASKS(STALE) | PLAN_ASKS(ASKED),
                                                .signal = FAKE_TERM},
                                       .reports = {1, {"fall.json"}}};
    return 0;
}

static int teardown(void **unused)
{
    (void)unused;
    ledger_done(&watch.sentinel.ledger);
    os_handle_close(&watch.sentinel.upkeep.events);
    os_process_close(&watch.primary);
    watch_close(&watch);
    fake_check();
    return 0;
}

static void arm(void)
{
    assert_int_equal(watch_open(&watch, &settings).code, ERROR_NONE);
    assert_int_equal(watch_arm(&watch).code, ERROR_NONE);
}

static int run(int64_t most_ms)
{
    fake_after(most_ms, fake_step_signal, FAKE_TERM);
    return watch_run(&watch);
}

static void expect_report(const char *part)
{
    if (!strstr(fake.report, part))
        fail_msg("no %s in %s", part, fake.report);
}

/* ---- what it refuses ---- */

static void expect_refusal(enum error_code code, const char *part)
{
    struct error error = watch_open(&watch, &settings);
    assert_int_equal(error.code, code);
    assert_non_null(strstr(error.what, part));
    assert_non_null(error.advice);
    assert_int_equal(fake.guards_forked, 0);
}

static void refuses_the_init(void **unused)
{
    (void)unused;
    settings.pid = 1;
    expect_refusal(ERROR_REFUSED, "pid 1");
}

static void refuses_itself_and_its_ancestors(void **unused)
{
    (void)unused;
    settings.pid = FAKE_SHELL;
    expect_refusal(ERROR_REFUSED, "ancestor");
    settings.pid = FAKE_SELF;
    expect_refusal(ERROR_REFUSED, "ancestor");
}

static void refuses_who_is_not_there(void **unused)
{
    (void)unused;
    settings.pid = 999;
    expect_refusal(ERROR_NOT_FOUND, "does not exist");
    fake_end(CHILD); /* a zombie: its parent does not reap */
    settings.pid = CHILD;
    expect_refusal(ERROR_NOT_FOUND, "does not exist");
}

static void refuses_another_users_process(void **unused)
{
    (void)unused;
    fake_find(FAKE_WARD)->foreign = true;
    expect_refusal(ERROR_DENIED, "another user");
}

static void refuses_a_heartbeat_that_others_could_steer(void **unused)
{
    (void)unused;
    settings.heartbeat = "/tmp/link";
    fake.beat_error = error_make(ERROR_UNSAFE, 40, "open the heartbeat file, a symlink", "no");
    expect_refusal(ERROR_UNSAFE, "symlink");
}

/* ---- the three triggers ---- */

static void the_wards_death_fells_its_orphans(void **unused)
{
    (void)unused;
    arm();
    fake_after(5000, fake_step_end, FAKE_WARD);
    assert_int_equal(run(60000), 0);
    assert_int_equal(fake_passed_ms(), 5000);
    assert_int_equal(fake_ours_alive(), 0);
    expect_report("\"ward-dead\"");
    expect_report("\"p101\"");
}

static void a_stale_heartbeat_fells_ward_and_all(void **unused)
{
    (void)unused;
    settings.heartbeat = "beat";
    fake_after(700, fake_step_beat, 0);
    arm();
    assert_int_equal(run(60000), 0);
    assert_int_equal(fake_passed_ms(), 700 + KILL_DELAY);
    assert_int_equal(fake_ours_alive(), 0);
    expect_report("\"stale\"");
}

static void a_missing_file_fells_ward_and_all(void **unused)
{
    (void)unused;
    settings.heartbeat = "beat";
    fake_after(700, fake_step_beat, 0);
    fake_after(2500, fake_step_lose, 0); /* it was seen at the end of the startup grace */
    arm();
    assert_int_equal(run(60000), 0);
    assert_int_equal(fake_passed_ms(), 2500);
    expect_report("\"heartbeat-missing\"");
}

/* ---- asking ---- */

static void by_default_a_hung_ward_is_not_asked(void **unused)
{
    (void)unused;
    settings.heartbeat = "beat";
    fake_find(FAKE_WARD)->heeds = true;
    arm();
    run(60000);
    assert_int_equal(fake.last_signal, FAKE_KILL);
    assert_int_equal(fake.strikes, 2);
}

/* Who never beat gave no sign of being able to answer. */
static void nor_is_one_that_never_beat(void **unused)
{
    (void)unused;
    settings.heartbeat = "beat";
    settings.plan.grace_ms = 4000;
    arm();
    assert_int_equal(run(60000), 0);
    assert_int_equal(fake_passed_ms(), STARTUP);
    assert_int_equal(fake.last_signal, FAKE_KILL);
}

static void what_a_stale_ward_that_heeds_left_has_the_rest_of_its_grace(void **unused)
{
    (void)unused;
    settings.heartbeat = "beat";
    settings.plan.grace_ms = 4000;
    fake_find(FAKE_WARD)->heeds = true;
    fake_find(FAKE_WARD)->lasts_ms = 1500;
    fake_after(500, fake_step_beat, 0);
    arm();
    assert_int_equal(run(60000), 0);
    assert_int_equal(fake_passed_ms(), 500 + KILL_DELAY + 4000);
    assert_int_equal(fake_ours_alive(), 0);
}

static void one_that_does_not_is_forced_at_its_end(void **unused)
{
    (void)unused;
    settings.heartbeat = "beat";
    settings.plan.grace_ms = 4000;
    fake_after(500, fake_step_beat, 0);
    arm();
    assert_int_equal(run(60000), 0);
    assert_int_equal(fake_passed_ms(), 500 + KILL_DELAY + 4000);
    assert_int_equal(fake_ours_alive(), 0);
}

/* ---- the end of a guard ---- */

static void a_stop_signal_ends_the_guard_not_the_ward(void **unused)
{
    (void)unused;
    arm();
    assert_int_equal(run(1000), 0);
    assert_int_equal(fake.strikes, 0);
    assert_int_equal(fake_ours_alive(), 2);
    assert_true(fake.wire_disarmed);
    assert_null(fake_find(fake.guard_pid)); /* the partner is gone, too */
}

static void what_survives_is_said_by_the_status(void **unused)
{
    (void)unused;
    arm();
    fake_find(CHILD)->stubborn = true;
    fake_after(5000, fake_step_end, FAKE_WARD);
    assert_int_equal(run(60000), STATUS_FAILURE);
    expect_report("\"survived\"");
}

static void all_rungs_say_whether_they_hold(void **unused)
{
    (void)unused;
    fake.no_events = true;
    arm();
    for (int route = 0; route < ROUTE_COUNT; route++)
        if (!watch.scope.guarantee.routes[route].armed && route != ROUTE_JOB)
            assert_non_null(watch.scope.guarantee.routes[route].why_not);
    assert_true(watch.scope.guarantee.routes[ROUTE_BRAND].armed);
    assert_true(watch.scope.guarantee.routes[ROUTE_WIRE].armed);
    assert_false(watch.scope.guarantee.routes[ROUTE_EVENTS].armed);
    assert_false(watch.scope.guarantee.routes[ROUTE_SUBREAPER].armed);
    run(100);
}

/* ---- two processes ---- */

static void step_end_partner(int64_t unused)
{
    (void)unused;
    fake_end(fake.guard_pid);
}

static void a_lost_partner_is_replaced(void **unused)
{
    (void)unused;
    arm();
    for (int64_t i = 0; i < 5; i++)
        fake_after(1000 + 100 * i, step_end_partner, 0);
    fake_after(5000, fake_step_end, FAKE_WARD);
    assert_int_equal(run(60000), 0);
    assert_int_equal(fake.guards_forked, 6);
    assert_int_equal(fake_ours_alive(), 0);
}

static void step_refuse_forks(int64_t count)
{
    fake.forks_refused = (size_t)count;
}

static void a_partner_that_cannot_be_started_is_tried_again(void **unused)
{
    (void)unused;
    arm();
    fake_after(1000, step_refuse_forks, 3);
    fake_after(1000, step_end_partner, 0);
    assert_int_equal(run(60000), 0);
    assert_int_equal(fake.forks_refused, 0);
    assert_int_equal(fake.guards_forked, 2);
}

static jmp_buf killed;

static void step_kill_us(int64_t unused)
{
    (void)unused;
    fake_end(FAKE_SELF);
    longjmp(killed, 1);
}

/* The first process runs until it is killed in the middle of a wait, then the second one does what
 * it was forked for. */
static void the_partner_takes_the_place_of_a_killed_guard(void **unused)
{
    (void)unused;
    arm();
    fake_after(1000, step_kill_us, 0);
    if (setjmp(killed) == 0)
        run(60000);
    os_handle_close(&watch.sentinel.partner.handle); /* the first one's: here they share a memory */
    fake.self = fake.guard_pid;
    fake_after(4000, fake_step_end, FAKE_WARD);
    assert_int_equal(fake.guard_body(fake.guard_context), 0);
    assert_int_equal(fake_passed_ms(), 5000);
    assert_int_equal(fake.guards_forked, 2); /* it had a partner of its own */
    assert_int_equal(fake_ours_alive(), 0);
    expect_report("\"ward-dead\"");
}

static void a_dismissed_partner_just_ends(void **unused)
{
    (void)unused;
    arm();
    assert_int_equal(run(1000), 0);
    assert_int_equal(fake.guard_body(fake.guard_context), 0);
    assert_int_equal(fake.guards_forked, 1);
    assert_int_equal(fake.strikes, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(refuses_the_init),
        TEST(refuses_itself_and_its_ancestors),
        TEST(refuses_who_is_not_there),
        TEST(refuses_another_users_process),
        TEST(refuses_a_heartbeat_that_others_could_steer),
        TEST(the_wards_death_fells_its_orphans),
        TEST(a_stale_heartbeat_fells_ward_and_all),
        TEST(a_missing_file_fells_ward_and_all),
        TEST(by_default_a_hung_ward_is_not_asked),
        TEST(nor_is_one_that_never_beat),
        TEST(what_a_stale_ward_that_heeds_left_has_the_rest_of_its_grace),
        TEST(one_that_does_not_is_forced_at_its_end),
        TEST(a_stop_signal_ends_the_guard_not_the_ward),
        TEST(what_survives_is_said_by_the_status),
        TEST(all_rungs_say_whether_they_hold),
        TEST(a_lost_partner_is_replaced),
        TEST(a_partner_that_cannot_be_started_is_tried_again),
        TEST(the_partner_takes_the_place_of_a_killed_guard),
        TEST(a_dismissed_partner_just_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
