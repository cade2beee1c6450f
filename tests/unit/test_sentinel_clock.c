/* When the sentinel acts: one delay, not two; clocks that step, sleep and starve; and how seldom it
 * wakes. */
#include "fake_guard.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define MINUTES 60000
#define HOUR    3600000

static void (*const sources[])(void) = {guard_beats_by_page, guard_beats_by_file,
                                        guard_beats_by_notify};
#define SOURCES (sizeof sources / sizeof *sources)

/* ---- one delay ---- */

/* Counted from the last beat, to the millisecond, wherever in the sentinel's own cycle it falls. */
static void a_tree_falls_one_delay_after_the_last_beat(void **unused)
{
    (void)unused;
    for (size_t source = 0; source < SOURCES; source++)
        for (int64_t hush_ms = 1; hush_ms <= 9001; hush_ms += 300) {
            guard_setup(NULL);
            sources[source]();
            guard_beat();
            fake_after(hush_ms, step_hush, 0);
            guard_run(60000);
            expect_fall(TRIGGER_STALE, (hush_ms - 1) / 500 * 500 + KILL_DELAY);
            guard_teardown(NULL);
        }
}

static void a_ward_that_never_beats_has_the_startup_grace(void **unused)
{
    (void)unused;
    for (size_t source = 0; source < SOURCES; source++)
        for (int64_t grace_ms = 0; grace_ms <= 20000; grace_ms += 5000) {
            guard_setup(NULL);
            sources[source]();
            guard.sentinel.plan.startup_grace_ms = grace_ms;
            guard_run(60000);
            expect_fall(TRIGGER_HEARTBEAT_MISSING, grace_ms);
            guard_teardown(NULL);
        }
}

/* Staleness counts from the first beat: a slow start is not cut short by it. */
static void a_first_beat_late_in_the_grace_counts_in_full(void **unused)
{
    (void)unused;
    for (size_t source = 0; source < SOURCES; source++) {
        guard_setup(NULL);
        sources[source]();
        guard.sentinel.plan.startup_grace_ms = 30000;
        if (sources[source] == guard_beats_by_notify)
            fake_after(29000, fake_step_notify, (intptr_t) "WATCHDOG=1");
        else
            fake_after(29000, fake_step_beat, 0);
        guard_run(60000);
        expect_fall(TRIGGER_STALE, 29000 + KILL_DELAY);
        guard_teardown(NULL);
    }
}

static void without_a_heartbeat_silence_is_no_trigger(void **unused)
{
    (void)unused;
    fake_after(10 * MINUTES, fake_step_end, FAKE_WARD);
    guard_run(HOUR);
    expect_fall(TRIGGER_WARD_DEAD, 10 * MINUTES);
}

/* ---- the file ---- */

static void a_file_that_goes_away_fells_at_once(void **unused)
{
    (void)unused;
    guard_beats_by_file();
    guard_beat();
    fake_after(1234, step_hush, 0);
    fake_after(1234, fake_step_lose, 0);
    guard_run(60000);
    expect_fall(TRIGGER_HEARTBEAT_MISSING, 1234);
}

/* Of an earlier boot or run, or touched into the future: it was found, it did not change. */
static void what_the_file_shows_at_the_start_is_no_beat_for_ever(void **unused)
{
    (void)unused;
    const int64_t ages[] = {-HOUR, KILL_DELAY + 1, HOUR, FAKE_WALL_MS};
    for (size_t i = 0; i < sizeof ages / sizeof *ages; i++) {
        guard_setup(NULL);
        guard_beats_by_file();
        fake_step_beat(0);
        fake.beat.wall_ms = fake.beat.changed_ms = fake.now.wall_ms - ages[i];
        guard_run(60000);
        expect_fall(TRIGGER_STALE, STARTUP);
        guard_teardown(NULL);
    }
}

/* `run` knows when its ward began: an earlier run's file may be cleared away while it starts. */
static void a_file_of_an_earlier_run_may_be_replaced(void **unused)
{
    (void)unused;
    guard_beats_by_file();
    fake_step_beat(0);
    fake_step_wall(100); /* it was touched 100 ms before the start */
    guard.sentinel.ward_began_ms = fake.now.now_ms;
    fake_after(500, fake_step_lose, 0);
    fake_after(700, fake_step_beat, 0);
    guard_run(60000);
    expect_fall(TRIGGER_STALE, 700 + KILL_DELAY);
}

/* ---- a breakpoint is not a hang ---- */

static void a_stopped_ward_is_held_and_gets_a_full_delay_after(void **unused)
{
    (void)unused;
    const int64_t states[] = {PROCESS_STOPPED, PROCESS_TRACED};
    for (size_t source = 0; source < SOURCES; source++)
        for (size_t i = 0; i < 2; i++) {
            guard_setup(NULL);
            sources[source]();
            guard_beat();
            fake_after(1001, step_hush, 0);
            fake_after(1001, step_state, states[i]);
            fake_after(HOUR, step_state, PROCESS_RUNS);
            guard_run(2 * HOUR);
            /* It was looked at every delay from 4,000 on: at the next look it runs. */
            expect_fall(TRIGGER_STALE, 1000 + 1201 * KILL_DELAY);
            guard_teardown(NULL);
        }
}

static void a_ward_that_a_debugger_holds_by_a_thread_is_held(void **unused)
{
    (void)unused;
    guard_beats_by_page();
    guard_beat();
    fake_after(1001, step_hush, 0);
    fake_find(FAKE_WARD)->tracer = 60;
    guard_run(HOUR);
    expect_no_fall();
}

static void holding_can_be_switched_off(void **unused)
{
    (void)unused;
    guard_beats_by_page();
    guard.sentinel.plan.hold_when_stopped = false;
    guard_beat();
    fake_after(1001, step_hush, 0);
    fake_after(1001, step_state, PROCESS_STOPPED);
    fake_find(FAKE_WARD)->tracer = 60;
    guard_run(60000);
    expect_fall(TRIGGER_STALE, 1000 + KILL_DELAY);
}

static void a_stopped_ward_whose_file_goes_falls(void **unused)
{
    (void)unused;
    guard_beats_by_file();
    guard_beat();
    fake_after(1001, step_hush, 0);
    fake_after(1001, step_state, PROCESS_STOPPED);
    fake_after(10 * MINUTES, fake_step_lose, 0);
    guard_run(HOUR);
    expect_fall(TRIGGER_HEARTBEAT_MISSING, 10 * MINUTES);
}

/* ---- clocks ---- */

static void waking_from_sleep_gives_the_ward_a_full_delay(void **unused)
{
    (void)unused;
    for (size_t source = 0; source < SOURCES; source++) {
        guard_setup(NULL);
        sources[source]();
        guard_beat();
        fake_after(1001, step_hush, 0);
        fake_after(3999, fake_step_suspend, 8 * HOUR);
        guard_run(60000);
        expect_fall(TRIGGER_STALE, 4000 + KILL_DELAY);
        guard_teardown(NULL);
    }
}

static void a_ward_that_beats_on_survives_any_clock(void **unused)
{
    (void)unused;
    for (size_t source = 0; source < SOURCES; source++) {
        guard_setup(NULL);
        sources[source]();
        guard_beat();
        for (int64_t i = 0; i < 8; i++)
            fake_after(1000 + 7001 * i, fake_step_wall, i % 2 ? -HOUR - i : HOUR);
        for (int64_t i = 0; i < 8; i++)
            fake_after(4321 + 7777 * i, fake_step_suspend, 1000 << i);
        guard_run(2 * MINUTES);
        expect_no_fall();
        guard_teardown(NULL);
    }
}

/* A hang is not hidden by setting the clock, either: the fall is at most one look late. */
static void a_hang_is_found_whatever_the_clock(void **unused)
{
    (void)unused;
    const int64_t jumps[] = {-HOUR, -5000, -1, 1, 5000, HOUR};
    for (size_t source = 0; source < SOURCES; source++)
        for (size_t i = 0; i < sizeof jumps / sizeof *jumps; i++)
            for (int64_t at_ms = 200; at_ms < 6000; at_ms += 450) {
                guard_setup(NULL);
                sources[source]();
                guard_beat();
                fake_after(2100, step_hush, 0);
                fake_after(at_ms, fake_step_wall, jumps[i]);
                guard_run(60000);
                assert_int_equal(guard.falls, 1);
                assert_in_range(guard.fell_ms, 2000 + KILL_DELAY, 2000 + 2 * KILL_DELAY);
                guard_teardown(NULL);
            }
}

static void step_oversleep(int64_t ms)
{
    fake.oversleep_ms = ms;
}

/* We were starved or stopped, and so may the ward have been: it is looked at afresh. */
static void an_overslept_sentinel_does_not_blame_the_ward(void **unused)
{
    (void)unused;
    for (size_t source = 0; source < SOURCES; source++)
        for (int64_t late_ms = 400; late_ms < HOUR; late_ms *= 5) {
            guard_setup(NULL);
            sources[source]();
            guard_beat();
            fake_after(1001, step_hush, 0);
            fake_after(3990, step_oversleep, late_ms);
            guard_run(2 * HOUR);
            assert_int_equal(guard.falls, 1);
            assert_int_equal(guard.trigger, TRIGGER_STALE);
            /* At least a look later than it woke, at most a full delay. */
            assert_true(guard.fell_ms > 4000 + late_ms);
            assert_true(guard.fell_ms <= 4000 + late_ms + KILL_DELAY);
            guard_teardown(NULL);
        }
}

static void what_beats_while_we_oversleep_lives(void **unused)
{
    (void)unused;
    for (size_t source = 0; source < SOURCES; source++) {
        guard_setup(NULL);
        sources[source]();
        guard_beat();
        fake_after(1002, step_oversleep, 20000);
        guard_run(5 * MINUTES);
        expect_no_fall();
        guard_teardown(NULL);
    }
}

/* ---- how seldom it wakes ---- */

/* Once per kill_delay when idle, and a few times more while the tree is young: wherever the looks
 * at the beats fall between those at the tree. */
static void an_idle_sentinel_wakes_once_per_delay(void **unused)
{
    (void)unused;
    void (*const polled[])(void) = {guard_beats_by_page, guard_beats_by_file};
    for (size_t source = 0; source < 2; source++)
        for (int64_t delay_ms = 700; delay_ms <= 5000; delay_ms += 100) {
            guard_setup(NULL);
            polled[source]();
            guard.sentinel.plan.kill_delay_ms = delay_ms;
            guard_beat();
            guard_run(HOUR);
            expect_no_fall();
            /* The last beat may be half a second old: the next look comes so much earlier. */
            assert_in_range(fake.waits, HOUR / delay_ms, HOUR / (delay_ms - 500) + 20);
            guard_teardown(NULL);
        }
}

static void without_a_heartbeat_too(void **unused)
{
    (void)unused;
    guard_run(HOUR);
    expect_no_fall();
    assert_in_range(fake.waits, 1, HOUR / KILL_DELAY + 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_falls_one_delay_after_the_last_beat),
        cmocka_unit_test(a_ward_that_never_beats_has_the_startup_grace),
        cmocka_unit_test(a_first_beat_late_in_the_grace_counts_in_full),
        GUARD_TEST(without_a_heartbeat_silence_is_no_trigger),
        GUARD_TEST(a_file_that_goes_away_fells_at_once),
        cmocka_unit_test(what_the_file_shows_at_the_start_is_no_beat_for_ever),
        GUARD_TEST(a_file_of_an_earlier_run_may_be_replaced),
        cmocka_unit_test(a_stopped_ward_is_held_and_gets_a_full_delay_after),
        GUARD_TEST(a_ward_that_a_debugger_holds_by_a_thread_is_held),
        GUARD_TEST(holding_can_be_switched_off),
        GUARD_TEST(a_stopped_ward_whose_file_goes_falls),
        cmocka_unit_test(waking_from_sleep_gives_the_ward_a_full_delay),
        cmocka_unit_test(a_ward_that_beats_on_survives_any_clock),
        cmocka_unit_test(a_hang_is_found_whatever_the_clock),
        cmocka_unit_test(an_overslept_sentinel_does_not_blame_the_ward),
        cmocka_unit_test(what_beats_while_we_oversleep_lives),
        cmocka_unit_test(an_idle_sentinel_wakes_once_per_delay),
        GUARD_TEST(without_a_heartbeat_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
