/* Guards that stand in for one another: what each does about what another one does not do. */
#include "fake_guard.h"
#include "tree/pact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>

#include <cmocka.h>

#define TIMEOUT 5000
#define CALLER  391
#define GRACE   4000

static struct pact *pact;
static struct os_process caller;
static os_handle wrapper_handle; /* never closed by one guard: another waits for it */
static struct scope wrapper;     /* the wrapper's seat, for what a test lets it do */

static int setup(void **unused)
{
    guard_setup(unused);
    guard_of_run();
    wrapper_handle = guard.sentinel.wrapper.handle;
    pact = pact_make();
    guard.scope.pact = wrapper.pact = pact;
    guard.scope.seat = SEAT_SENTINEL;
    wrapper.seat = SEAT_WRAPPER;
    struct sentinel *sentinel = &guard.sentinel;
    fake_add(CALLER, FAKE_SHELL);
    os_process_watch(CALLER, &caller);
    sentinel->deputy.caller = caller.handle;
    return 0;
}

static int teardown(void **unused)
{
    os_process_close(&caller);
    os_process_close(&guard.sentinel.deputy.first);
    os_handle_close(&wrapper_handle);
    guard.sentinel.wrapper.handle = OS_NO_HANDLE;
    for (int seat = SEAT_WRAPPER; seat < SEAT_COUNT; seat++)
        os_handle_close(&pact->alarms[seat]);
    os_pages_free(pact, sizeof *pact);
    return guard_teardown(unused);
}

static void with_timeout(void)
{
    guard.sentinel.deputy.deadline_ms = FAKE_BOOT_MS + TIMEOUT;
    pact_promise(&wrapper, guard.sentinel.deputy.deadline_ms);
}

static void asks(void)
{
    guard.sentinel.plan.signal = FAKE_TERM;
    guard.sentinel.plan.asks_for = PLAN_ASKS(TIMEOUT) | PLAN_ASKS(CALLER_DEAD);
    guard.sentinel.ending.grace_ms = GRACE;
}

/* ---- what a wrapper does ---- */

static void step_claim(int64_t trigger)
{
    assert_true(pact_take(&wrapper, (enum trigger)trigger));
    pact_promise(&wrapper, fake.now.now_ms);
}

static void step_claim_and_stop(int64_t trigger)
{
    assert_true(pact_take(&wrapper, (enum trigger)trigger));
}

static void tell_asked(int64_t grace_ms)
{
    struct ending ending = {.grace_ms = grace_ms};
    ending_ask(&ending, TRIGGER_ASKED, false, fake.now.now_ms);
    pact_tell_ending(&wrapper, &ending);
}

static void step_claim_with_grace(int64_t trigger)
{
    assert_true(pact_take(&wrapper, (enum trigger)trigger));
    tell_asked(GRACE);
}

static void step_grace_is_long(int64_t unused)
{
    (void)unused;
    tell_asked(100000);
}

static void step_go_on(int64_t unused)
{
    (void)unused;
    pact_promise(&wrapper, fake.now.now_ms);
}

static void step_suspend_job(int64_t unused)
{
    (void)unused;
    pact_promise(&wrapper, OS_FOREVER);
}

static void step_finish(int64_t stage)
{
    assert_true(pact_advance(&wrapper, (enum claim_stage)stage));
}

static void step_take_over(int64_t unused)
{
    (void)unused;
    struct claim seen = pact_claim(&wrapper);
    assert_int_equal(seen.stage, CLAIM_ASKING);
    assert_true(pact_overtake(&wrapper, &seen, CLAIM_ASKING));
    tell_asked(FAKE_BOOT_MS + 60000 - fake.now.now_ms);
}

static void step_take_over_and_stop(int64_t unused)
{
    (void)unused;
    struct claim seen = pact_claim(&wrapper);
    assert_true(pact_overtake(&wrapper, &seen, CLAIM_ASKING));
}

static void step_end(int64_t pid)
{
    fake_end((int32_t)pid);
}

static void expect_claim(enum claim_seat seat, enum claim_stage stage, enum trigger trigger)
{
    struct claim claim = claim_read(&pact->claim);
    assert_int_equal(claim.seat, seat);
    assert_int_equal(claim.stage, stage);
    assert_int_equal(claim.trigger, trigger);
}

/* It died between the claim's last stage and the dismissal of its partner, which has its seat now.
 */
static void a_sentinel_whose_tree_was_ended_before_it_came_ends(void **unused)
{
    (void)unused;
    guard.sentinel.leads = true;
    guard.sentinel.wrapper.handle = OS_NO_HANDLE;
    assert_true(pact_take(&guard.scope, TRIGGER_WARD_DEAD));
    assert_true(pact_advance(&guard.scope, CLAIM_COMPLETE));
    fake_end(FAKE_WARD);
    guard_run(60000);
    assert_true(guard.passed_ms < 60000); /* not by the dismissal */
    assert_int_equal(guard.falls, 0);
}

/* ---- triggers of the wrapper's ---- */

static void a_timeout_that_the_wrapper_misses_falls_a_second_later(void **unused)
{
    (void)unused;
    with_timeout();
    guard_run(60000);
    expect_fall(TRIGGER_TIMEOUT, TIMEOUT + PACT_PATIENCE_MS);
    expect_claim(SEAT_SENTINEL, CLAIM_COMPLETE, TRIGGER_TIMEOUT);
    assert_int_equal(fake.said[MESSAGE_FALL], 0);
}

static void a_timeout_that_the_wrapper_takes_up_is_left_to_it(void **unused)
{
    (void)unused;
    with_timeout();
    fake_after(TIMEOUT, step_claim, TRIGGER_TIMEOUT);
    fake_after(TIMEOUT + 500, step_finish, CLAIM_COMPLETE);
    guard_run(60000);
    expect_no_fall();
}

static void a_timeout_waits_while_the_terminal_suspends_the_job(void **unused)
{
    (void)unused;
    with_timeout();
    fake_after(1000, step_suspend_job, 0);
    fake_after(20000, step_go_on, 0);
    fake_after(20500, step_claim, TRIGGER_TIMEOUT);
    fake_after(21000, step_finish, CLAIM_COMPLETE);
    guard_run(60000);
    expect_no_fall();
}

static void the_callers_death_and_the_wards_fall_a_second_later(void **unused)
{
    (void)unused;
    static const struct {
        int32_t pid;
        enum trigger trigger;
    } deaths[] = {{CALLER, TRIGGER_CALLER_DEAD}, {FAKE_WARD, TRIGGER_WARD_DEAD}};
    for (size_t i = 0; i < sizeof deaths / sizeof *deaths; i++) {
        setup(NULL);
        fake_after(3000, step_end, deaths[i].pid);
        guard_run(60000);
        expect_fall(deaths[i].trigger, 3000 + PACT_PATIENCE_MS);
        assert_in_range(fake.waits, 1, 100);
        teardown(NULL);
    }
    setup(NULL);
}

static void a_ward_that_ends_is_the_wrappers_for_a_second(void **unused)
{
    (void)unused;
    fake_after(3000, step_end, FAKE_WARD);
    fake_after(3900, step_claim, TRIGGER_WARD_DEAD);
    fake_after(4500, step_finish, CLAIM_COMPLETE);
    guard_run(60000);
    expect_no_fall();
}

static void the_ward_is_asked_and_given_its_grace(void **unused)
{
    (void)unused;
    with_timeout();
    asks();
    guard_run(60000);
    expect_fall(TRIGGER_TIMEOUT, TIMEOUT + PACT_PATIENCE_MS);
    assert_int_equal(guard.passed_ms, TIMEOUT + PACT_PATIENCE_MS + GRACE);
}

static void what_a_ward_that_heeds_left_has_the_rest_of_the_grace(void **unused)
{
    (void)unused;
    with_timeout();
    asks();
    fake_find(FAKE_WARD)->heeds = true;
    fake_find(FAKE_WARD)->lasts_ms = 1500;
    guard_run(60000);
    expect_fall(TRIGGER_TIMEOUT, TIMEOUT + PACT_PATIENCE_MS);
    assert_int_equal(guard.passed_ms, TIMEOUT + PACT_PATIENCE_MS + GRACE);
}

static void leftovers_are_asked_when_the_ward_has_ended(void **unused)
{
    (void)unused;
    asks();
    guard.sentinel.ending.exit_grace_ms = 2000;
    fake_after(3000, step_end, FAKE_WARD);
    guard_run(60000);
    expect_fall(TRIGGER_WARD_DEAD, 3000 + PACT_PATIENCE_MS);
    assert_int_equal(guard.passed_ms, 3000 + PACT_PATIENCE_MS + 2000);
}

/* ---- claims ---- */

static void a_grace_that_the_wrapper_does_not_end_is_ended_for_it(void **unused)
{
    (void)unused;
    with_timeout();
    fake_after(2000, step_claim_with_grace, TRIGGER_ASKED);
    guard_run(60000);
    expect_fall(TRIGGER_ASKED, 2000 + GRACE + PACT_PATIENCE_MS);
}

static void a_wrapper_that_stops_in_the_middle_of_a_fall_is_overtaken(void **unused)
{
    (void)unused;
    with_timeout();
    fake_after(2000, step_claim, TRIGGER_ASKED);
    fake_after(2100, step_finish, CLAIM_FELLING);
    fake_after(2700, step_go_on, 0);
    guard_run(60000);
    expect_fall(TRIGGER_ASKED, 2700 + PACT_PATIENCE_MS);
    expect_claim(SEAT_SENTINEL, CLAIM_COMPLETE, TRIGGER_ASKED);
    assert_false(pact_advance(&wrapper, CLAIM_REPORTING)); /* it wakes, and reports nothing */
}

/* It had nothing to do before, so no alarm of its own. */
static void a_wrapper_that_stops_right_behind_its_claim_is_overtaken(void **unused)
{
    (void)unused;
    fake_after(2000, step_claim_and_stop, TRIGGER_ASKED);
    guard_run(60000);
    expect_fall(TRIGGER_ASKED, 2000 + PACT_PATIENCE_MS);
}

static void a_wrapper_that_stops_right_behind_taking_over_is_overtaken(void **unused)
{
    (void)unused;
    asks();
    fake_after(1000, step_end, CALLER);
    fake_after(3000, step_take_over_and_stop, 0);
    guard_run(60000);
    assert_int_equal(guard.trigger, TRIGGER_CALLER_DEAD);
    /* The sentinel sees at its next look that it was overtaken. */
    assert_in_range(guard.fell_ms, 3000 + PACT_PATIENCE_MS, 3000 + PACT_PATIENCE_MS + KILL_DELAY);
}

/* --no-fall-on-exit: the ward's end is not the tree's. */
static void a_tree_that_outlives_its_ward_has_its_grace(void **unused)
{
    (void)unused;
    with_timeout();
    asks();
    guard.sentinel.plan.fall_on_exit = false;
    fake_add(393, FAKE_WARD);
    fake_after(TIMEOUT + PACT_PATIENCE_MS + 1000, step_end, FAKE_WARD);
    guard_run(60000);
    assert_int_equal(guard.passed_ms, TIMEOUT + PACT_PATIENCE_MS + GRACE);
}

static void a_wrapper_that_wakes_in_the_grace_goes_on_from_there(void **unused)
{
    (void)unused;
    with_timeout();
    asks();
    fake_after(TIMEOUT + 2000, step_take_over, 0);
    fake_after(TIMEOUT + 3000, step_finish, CLAIM_COMPLETE);
    guard_run(60000);
    assert_int_equal(guard.falls, 0);
    assert_int_equal(fake.last_signal, FAKE_CONT); /* asked, and forced by nobody here */
}

static void a_wrapper_that_dies_holding_the_claim_is_replaced_at_once(void **unused)
{
    (void)unused;
    fake_after(2000, step_claim_with_grace, TRIGGER_ASKED);
    fake_after(2500, step_end, WRAPPER);
    guard_run(60000);
    expect_fall(TRIGGER_ASKED, 2500);
}

/* ---- triggers of the sentinel's ---- */

static void a_wrapper_that_does_not_answer_is_given_a_second(void **unused)
{
    (void)unused;
    guard_beats_by_page();
    guard_run(60000);
    assert_int_equal(fake.said[MESSAGE_FALL], 1);
    expect_fall(TRIGGER_HEARTBEAT_MISSING, STARTUP + PACT_PATIENCE_MS);
}

static void a_wrapper_that_answers_is_left_alone(void **unused)
{
    (void)unused;
    guard_beats_by_page();
    fake_after(STARTUP + 200, step_claim, TRIGGER_HEARTBEAT_MISSING);
    fake_after(STARTUP + 900, step_finish, CLAIM_COMPLETE);
    guard_run(60000);
    assert_int_equal(guard.falls, 0);
    assert_int_equal(fake.strikes, 0);
}

static void silence_does_not_count_while_the_tree_has_its_grace(void **unused)
{
    (void)unused;
    guard_beats_by_page();
    guard_beat();
    fake_after(3000, step_claim_with_grace, TRIGGER_ASKED);
    fake_after(3100, step_hush, 0);
    fake_after(3200, step_grace_is_long, 0);
    guard_run(60000);
    assert_int_equal(fake.said[MESSAGE_FALL], 0);
    assert_int_equal(guard.falls, 0);
    assert_int_equal(fake.strikes, 0);
}

/* The heart was heard up to here by the sentinel; the wrapper goes on with that. */
static void another_guard_judges_with_what_the_sentinel_knew(void **unused)
{
    (void)unused;
    struct sentinel deputy;
    struct clock_reading now;
    guard_beats_by_page();
    guard_beat();
    guard_run(10000);
    guard.beating = false;
    fake.self = WRAPPER;
    sentinel_init(&deputy, &wrapper);
    deputy.beats = guard.sentinel.beats;
    deputy.plan.kill_delay_ms = KILL_DELAY;
    os_clock(&now);
    assert_int_equal(sentinel_judge(&deputy, &now), TRIGGER_NONE);
    for (int i = 0; i < 3 && sentinel_judge(&deputy, &now) == TRIGGER_NONE; i++) {
        uint32_t ready;
        os_wait(NULL, 0, sentinel_next_look(&deputy), &ready);
        os_clock(&now);
    }
    assert_int_equal(deputy.trigger, TRIGGER_STALE);
    assert_in_range(now.now_ms - FAKE_BOOT_MS, 10000 + KILL_DELAY - 500, 10000 + KILL_DELAY);
    assert_int_equal(fake.strikes, 0);
}

static void a_page_that_was_left_half_written_is_not_read(void **unused)
{
    (void)unused;
    const struct vigil whole = {.notified_ms = 7};
    pact_publish(&wrapper, &whole);
    pact->vigils[0].notified_ms = 99;  /* the next one, never finished */
    assert_null(pact_vigil(&wrapper)); /* its own */
    fake.self = WRAPPER;
    assert_int_equal(pact_vigil(&guard.scope)->notified_ms, 7);
}

/* ---- the reserve ---- */

static void stand_in_for_first(void)
{
    guard.scope.seat = SEAT_RESERVE;
    fake_add(392, WRAPPER);
    os_process_watch(392, &guard.sentinel.deputy.first);
    guard.sentinel.deputy.first_counts = true;
    fake_after(60000, fake_step_dismiss, 0);
    guard.status = sentinel_deputise(&guard.sentinel);
    guard.passed_ms = fake_passed_ms();
}

static void the_reserve_gives_the_place_back(void **unused)
{
    (void)unused;
    stand_in_for_first();
    assert_true(guard.sentinel.deputy.relieved);
    expect_no_fall();
}

static void a_lost_sentinel_that_the_wrapper_does_not_see_fells(void **unused)
{
    (void)unused;
    fake_add(392, WRAPPER);
    fake_after(0, step_end, 392);
    os_process_watch(392, &guard.sentinel.deputy.first);
    fake_end(392);
    guard.scope.seat = SEAT_RESERVE;
    guard.sentinel.deputy.first_counts = true;
    guard.status = sentinel_deputise(&guard.sentinel);
    expect_fall(TRIGGER_GUARD_LOST, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sentinel_whose_tree_was_ended_before_it_came_ends),
        TEST(a_timeout_that_the_wrapper_misses_falls_a_second_later),
        TEST(a_timeout_that_the_wrapper_takes_up_is_left_to_it),
        TEST(a_timeout_waits_while_the_terminal_suspends_the_job),
        TEST(the_callers_death_and_the_wards_fall_a_second_later),
        TEST(a_ward_that_ends_is_the_wrappers_for_a_second),
        TEST(the_ward_is_asked_and_given_its_grace),
        TEST(what_a_ward_that_heeds_left_has_the_rest_of_the_grace),
        TEST(leftovers_are_asked_when_the_ward_has_ended),
        TEST(a_grace_that_the_wrapper_does_not_end_is_ended_for_it),
        TEST(a_wrapper_that_stops_in_the_middle_of_a_fall_is_overtaken),
        TEST(a_wrapper_that_stops_right_behind_its_claim_is_overtaken),
        TEST(a_wrapper_that_stops_right_behind_taking_over_is_overtaken),
        TEST(a_tree_that_outlives_its_ward_has_its_grace),
        TEST(a_wrapper_that_wakes_in_the_grace_goes_on_from_there),
        TEST(a_wrapper_that_dies_holding_the_claim_is_replaced_at_once),
        TEST(a_wrapper_that_does_not_answer_is_given_a_second),
        TEST(a_wrapper_that_answers_is_left_alone),
        TEST(silence_does_not_count_while_the_tree_has_its_grace),
        TEST(another_guard_judges_with_what_the_sentinel_knew),
        TEST(a_page_that_was_left_half_written_is_not_read),
        TEST(the_reserve_gives_the_place_back),
        TEST(a_lost_sentinel_that_the_wrapper_does_not_see_fells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
