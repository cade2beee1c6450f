#include "core/heartbeat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define DELAY INT64_C(3000)
#define GRACE INT64_C(30000)
#define ARMED 100000        /* monotonic */
#define BOOT  5000          /* boot clock ahead of it: an earlier suspend */
#define WALL  1700000000000 /* wall clock ahead of it */

static struct heartbeat heartbeat;
static int64_t wall_step; /* how far the wall clock was moved by now */
static int64_t suspended; /* how long the machine slept by now */

/* `ms` counts from the arming. */
static struct clock_reading clock_at(int64_t ms)
{
    int64_t now = ARMED + ms;
    return (struct clock_reading){.now_ms = now,
                                  .boot_ms = now + BOOT + suspended,
                                  .wall_ms = now + WALL + wall_step + suspended};
}

static void arm_with(int64_t delay, int64_t grace)
{
    wall_step = suspended = 0;
    struct clock_reading now = clock_at(0);
    heartbeat_arm(&heartbeat, delay, grace, &now);
}

static enum heartbeat_age look(int64_t ms, struct beat_observation seen)
{
    struct clock_reading now = clock_at(ms);
    return heartbeat_look(&heartbeat, &seen, &now);
}

static int64_t next_look(void)
{
    return heartbeat_next_look(&heartbeat) - ARMED;
}

static int64_t last(void)
{
    return heartbeat.last_ms - ARMED;
}

static struct beat_observation nothing(void)
{
    return (struct beat_observation){.kind = BEAT_NONE};
}

static struct beat_observation lost(void)
{
    return (struct beat_observation){.kind = BEAT_LOST};
}

static struct beat_observation timed(int64_t ms)
{
    return (struct beat_observation){.kind = BEAT_TIMED, .at_ms = ARMED + ms};
}

/* A file touched at `ms`, by the wall clock as it stands. */
static struct beat_observation touched(int64_t ms)
{
    int64_t wall = ARMED + WALL + wall_step + suspended + ms;
    return (struct beat_observation){
        .kind = BEAT_STAMP, .stamp = wall * 1000000, .wall_ms = wall, .changed_ms = wall};
}

static struct beat_observation undated(int64_t ms)
{
    struct beat_observation seen = touched(ms);
    seen.changed_ms = 0;
    return seen;
}

/* Armed, and a first beat at 0 was seen at 0. */
static void beating(void)
{
    arm_with(DELAY, GRACE);
    assert_int_equal(look(0, touched(0)), HEARTBEAT_FRESH);
}

/* ---- one delay ---- */

static void a_timed_beat_is_stale_one_delay_after_it(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    assert_int_equal(look(2900, timed(500)), HEARTBEAT_FRESH);
    assert_int_equal(next_look(), 3500);
    assert_int_equal(look(3499, timed(500)), HEARTBEAT_FRESH);
    assert_int_equal(look(3500, timed(500)), HEARTBEAT_STALE);
}

static void a_touched_file_is_stale_one_delay_after_the_touch(void **state)
{
    (void)state;
    beating();
    assert_int_equal(look(3000, touched(500)), HEARTBEAT_FRESH);
    assert_int_equal(last(), 500);
    assert_int_equal(next_look(), 3500);
    assert_int_equal(look(3499, touched(500)), HEARTBEAT_FRESH);
    assert_int_equal(look(3500, touched(500)), HEARTBEAT_STALE);
}

static void beats_are_looked_at_once_a_delay(void **state)
{
    (void)state;
    beating();
    int looks = 0;
    for (int64_t now = next_look(); now < 300000; now = next_look(), looks++)
        assert_int_equal(look(now, touched(now - now % 500)), HEARTBEAT_FRESH);
    assert_in_range(looks, 1, 300000 / (DELAY - 500) + 1);
}

static void a_late_look_still_counts_from_the_beat(void **state)
{
    (void)state;
    beating();
    assert_int_equal(look(3000, timed(1000)), HEARTBEAT_FRESH);
    assert_int_equal(look(4040, timed(1000)), HEARTBEAT_STALE);
}

/* ---- the start ---- */

static void the_first_look_is_at_once(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    assert_int_equal(next_look(), 0);
}

static void nothing_within_the_grace_is_missing(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    for (int64_t now = 0; now < GRACE; now = next_look())
        assert_int_equal(look(now, nothing()), HEARTBEAT_AWAITED);
    assert_int_equal(next_look(), GRACE);
    assert_int_equal(look(GRACE, nothing()), HEARTBEAT_MISSING);
}

static void the_first_beat_ends_the_grace(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    assert_int_equal(look(0, nothing()), HEARTBEAT_AWAITED);
    assert_int_equal(next_look(), DELAY);
    assert_int_equal(look(3000, touched(2000)), HEARTBEAT_FRESH);
    assert_int_equal(next_look(), 5000);
    assert_int_equal(look(5000, touched(2000)), HEARTBEAT_STALE);
}

static void a_grace_shorter_than_the_delay_is_kept(void **state)
{
    (void)state;
    arm_with(DELAY, 1000);
    assert_int_equal(look(0, nothing()), HEARTBEAT_AWAITED);
    assert_int_equal(next_look(), 1000);
    assert_int_equal(look(1000, nothing()), HEARTBEAT_MISSING);
}

static void a_found_file_of_this_moment_is_a_beat_of_its_age(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    assert_int_equal(look(0, touched(-1000)), HEARTBEAT_FRESH);
    assert_int_equal(next_look(), 2000);
    assert_int_equal(look(2000, touched(-1000)), HEARTBEAT_STALE);
}

/* Hard case 55. */
static void a_found_file_of_long_ago_is_no_beat(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    assert_int_equal(look(0, touched(-DELAY - 1)), HEARTBEAT_AWAITED);
    assert_int_equal(look(3000, touched(-DELAY - 1)), HEARTBEAT_AWAITED);
    assert_int_equal(look(6000, touched(5000)), HEARTBEAT_FRESH);
    assert_int_equal(look(8000, touched(5000)), HEARTBEAT_STALE);
}

static void an_old_file_that_never_changes_is_stale_not_missing(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    assert_int_equal(look(0, touched(-60000)), HEARTBEAT_AWAITED);
    assert_int_equal(look(GRACE - 1, touched(-60000)), HEARTBEAT_AWAITED);
    assert_int_equal(look(GRACE, touched(-60000)), HEARTBEAT_STALE);
}

/* Hard case 55: a delay longer than the machine is up. */
static void a_found_file_of_an_earlier_boot_is_no_beat(void **state)
{
    (void)state;
    int64_t uptime = ARMED + BOOT;
    arm_with(10 * uptime, GRACE);
    assert_int_equal(look(0, touched(-uptime - 1)), HEARTBEAT_AWAITED);
    arm_with(10 * uptime, GRACE);
    assert_int_equal(look(0, touched(-uptime)), HEARTBEAT_FRESH);
}

/* Hard cases 56 and 65. */
static void a_found_file_of_the_future_is_no_beat(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    assert_int_equal(look(0, touched(3600000)), HEARTBEAT_AWAITED);
    assert_int_equal(look(GRACE, touched(3600000)), HEARTBEAT_STALE);
}

static void a_found_file_of_an_earlier_run_is_no_beat(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    heartbeat_ward_began(&heartbeat, ARMED - 500);
    assert_int_equal(look(0, touched(-501)), HEARTBEAT_AWAITED);
    arm_with(DELAY, GRACE);
    heartbeat_ward_began(&heartbeat, ARMED - 500);
    assert_int_equal(look(0, touched(-500)), HEARTBEAT_FRESH);
}

/* The kernel stamps with a clock that lags by up to a tick. */
static void a_found_beat_counts_from_the_latest_moment_that_it_can_have_been(void **state)
{
    (void)state;
    const struct {
        int64_t shown, counts;
    } beats[] = {{-500, -494}, {-6, 0}, {-3, 0}};
    for (size_t i = 0; i < sizeof beats / sizeof *beats; i++) {
        arm_with(DELAY, GRACE);
        struct beat_observation seen = touched(beats[i].shown);
        seen.lag_ms = 6;
        assert_int_equal(look(0, seen), HEARTBEAT_FRESH);
        assert_int_equal(last(), beats[i].counts);
    }
}

/* Or a program that starts slowly would be killed for the last beat of the one before it. */
static void a_stamp_that_lags_is_no_beat_of_this_run(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    heartbeat_ward_began(&heartbeat, ARMED - 500);
    struct beat_observation seen = touched(-501);
    seen.lag_ms = 6;
    assert_int_equal(look(0, seen), HEARTBEAT_AWAITED);
}

static void a_found_file_that_cannot_be_dated_counts_as_of_now(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    assert_int_equal(look(0, undated(-2900)), HEARTBEAT_FRESH);
    assert_int_equal(last(), 0);
}

/* ---- stamps that lie, clocks that step ---- */

static void a_stamp_that_programs_set_does_not_date_a_beat(void **state)
{
    (void)state;
    const int64_t lies[] = {-3600000, 3600000, INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        beating();
        struct beat_observation seen = touched(1000);
        seen.stamp = seen.wall_ms = lies[i];
        assert_int_equal(look(3000, seen), HEARTBEAT_FRESH);
        assert_int_equal(last(), 1000);
        assert_int_equal(look(4000, seen), HEARTBEAT_STALE);
    }
}

/* Hard case 53. Never early: the beat counts as of the look. */
static void a_wall_clock_that_steps_makes_no_beat_older(void **state)
{
    (void)state;
    const int64_t steps[] = {-3600000, -1000, -24, 24, 1000, 3600000};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        beating();
        struct beat_observation seen = touched(500);
        wall_step = steps[i];
        assert_int_equal(look(3000, seen), HEARTBEAT_FRESH);
        assert_int_equal(last(), 3000);
        assert_int_equal(look(5999, seen), HEARTBEAT_FRESH);
        assert_int_equal(look(6000, seen), HEARTBEAT_STALE);
    }
}

static void a_wall_clock_that_steps_back_hides_no_hang(void **state)
{
    (void)state;
    beating();
    struct beat_observation seen = touched(0); /* now an hour in the future */
    wall_step = -3600000;
    assert_int_equal(look(3000, seen), HEARTBEAT_STALE);
}

static void a_small_step_forward_may_only_make_a_beat_younger(void **state)
{
    (void)state;
    beating();
    struct beat_observation seen = touched(500);
    wall_step = 10;
    assert_int_equal(look(3000, seen), HEARTBEAT_FRESH);
    assert_int_equal(last(), 500);
    beating();
    seen = touched(500);
    wall_step = -10;
    look(3000, seen);
    assert_int_equal(last(), 510);
}

static void a_slewed_clock_still_dates_over_a_long_delay(void **state)
{
    (void)state;
    arm_with(3600000, GRACE);
    look(0, touched(0));
    struct beat_observation seen = touched(1000000);
    wall_step = 1800; /* 500 ppm */
    look(3600000, seen);
    assert_in_range(last(), 1000000, 1002000);
}

static void a_change_dated_before_the_last_look_counts_as_of_now(void **state)
{
    (void)state;
    beating();
    look(3000, touched(2500));
    assert_int_equal(look(5000, touched(2600)), HEARTBEAT_FRESH);
    assert_int_equal(last(), 5000);
}

static void a_coarse_stamp_just_before_the_last_look_counts_as_of_that_look(void **state)
{
    (void)state;
    beating();
    look(3000, touched(2500));
    look(5000, touched(2995));
    assert_int_equal(last(), 3000);
}

static void a_change_dated_after_now_counts_as_of_now(void **state)
{
    (void)state;
    beating();
    look(3000, touched(3004));
    assert_int_equal(last(), 3000);
}

/* Hard case 57: a server whose clock is off must not make a beat older. */
static void beats_that_cannot_be_dated_count_as_of_the_look_and_are_looked_at_more(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    look(0, undated(0));
    assert_int_equal(next_look(), DELAY / 4);
    look(750, undated(700));
    assert_int_equal(last(), 750);
    assert_int_equal(next_look(), 1500);
    for (int64_t now = 1500; now < 3750; now = next_look())
        assert_int_equal(look(now, undated(700)), HEARTBEAT_FRESH);
    assert_int_equal(next_look(), 3750);
    assert_int_equal(look(3750, undated(700)), HEARTBEAT_STALE);
}

/* ---- hostile pages ---- */

static void a_timed_beat_of_the_future_counts_once(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    assert_int_equal(look(1000, timed(3600000)), HEARTBEAT_FRESH);
    assert_int_equal(last(), 1000);
    assert_int_equal(look(4000, timed(3600000)), HEARTBEAT_STALE);
}

static void a_timed_beat_may_be_older_than_the_arming(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    assert_int_equal(look(0, timed(-2000)), HEARTBEAT_FRESH);
    assert_int_equal(next_look(), 1000);
    arm_with(DELAY, GRACE);
    assert_int_equal(look(0, timed(-DELAY)), HEARTBEAT_STALE);
}

static void a_timed_beat_never_goes_back(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    look(1000, timed(900));
    look(1100, timed(100));
    assert_int_equal(last(), 900);
}

static void values_at_the_ends_of_the_range_do_no_harm(void **state)
{
    (void)state;
    const int64_t ends[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX - 1, INT64_MAX};
    const size_t count = sizeof ends / sizeof *ends;
    for (size_t a = 0; a < count; a++)
        for (size_t b = 0; b < count; b++)
            for (size_t c = 0; c < count; c++) {
                arm_with(ends[a], ends[b]);
                struct beat_observation seen = {BEAT_STAMP, ends[c], ends[b], ends[a], ends[c]};
                look(0, nothing());
                look(10, seen);
                seen.kind = BEAT_TIMED;
                look(20, seen);
                struct clock_reading odd = {
                    .now_ms = ends[a], .boot_ms = ends[b], .wall_ms = ends[c]};
                heartbeat_look(&heartbeat, &seen, &odd);
                heartbeat_extend(&heartbeat, ends[c]);
                heartbeat_excuse(&heartbeat, &odd);
                heartbeat_next_look(&heartbeat);
            }
}

static void huge_delays_are_never_reached(void **state)
{
    (void)state;
    arm_with(INT64_MAX, INT64_MAX);
    assert_int_equal(look(INT64_MAX / 2, nothing()), HEARTBEAT_AWAITED);
    assert_int_equal(heartbeat_next_look(&heartbeat), INT64_MAX);
    assert_int_equal(look(INT64_MAX / 2 + 10, timed(5)), HEARTBEAT_FRESH);
    assert_int_equal(heartbeat_next_look(&heartbeat), INT64_MAX);
}

static void a_delay_of_nothing_is_one_millisecond(void **state)
{
    (void)state;
    arm_with(-5, -5);
    assert_int_equal(look(0, nothing()), HEARTBEAT_MISSING); /* no grace, no beat */
    arm_with(0, 0);
    assert_int_equal(heartbeat.kill_delay_ms, 1);
    assert_int_equal(look(0, timed(0)), HEARTBEAT_FRESH);
    assert_int_equal(next_look(), 1);
    assert_int_equal(look(1, timed(0)), HEARTBEAT_STALE);
}

/* ---- suspend: hard case 54 ---- */

static void a_suspend_gives_a_full_delay(void **state)
{
    (void)state;
    beating();
    suspended = 3600000;
    struct beat_observation seen = touched(-3600000);
    assert_int_equal(look(2990, seen), HEARTBEAT_FRESH);
    assert_int_equal(next_look(), 2990 + DELAY);
    assert_int_equal(look(5989, seen), HEARTBEAT_FRESH);
    assert_int_equal(look(5990, seen), HEARTBEAT_STALE);
}

static void a_suspend_that_ends_after_the_deadline_gives_a_full_delay(void **state)
{
    (void)state;
    beating();
    suspended = 21;
    assert_int_equal(look(3005, touched(-21)), HEARTBEAT_FRESH);
    assert_int_equal(next_look(), 3005 + DELAY);
}

static void clocks_read_one_after_the_other_are_no_suspend(void **state)
{
    (void)state;
    beating();
    suspended = 20;
    assert_int_equal(look(3000, touched(-20)), HEARTBEAT_STALE);
}

static void a_suspend_at_the_start_gives_a_full_delay(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    assert_int_equal(look(GRACE - 10, nothing()), HEARTBEAT_AWAITED);
    suspended = 60000;
    assert_int_equal(look(GRACE - 5, nothing()), HEARTBEAT_AWAITED);
    assert_int_equal(look(GRACE - 6 + DELAY, nothing()), HEARTBEAT_AWAITED);
    assert_int_equal(look(GRACE - 5 + DELAY, nothing()), HEARTBEAT_MISSING);
}

/* ---- oversleeping: hard case 60 ---- */

static void an_overslept_guard_looks_again_before_it_judges(void **state)
{
    (void)state;
    beating();
    assert_int_equal(next_look(), 3000);
    assert_int_equal(look(4000, touched(0)), HEARTBEAT_FRESH);
    assert_int_equal(next_look(), 5000); /* as long as it overslept */
    assert_int_equal(look(4999, touched(0)), HEARTBEAT_FRESH);
    assert_int_equal(look(5000, touched(0)), HEARTBEAT_STALE);
}

static void oversleeping_again_is_no_new_grant(void **state)
{
    (void)state;
    beating();
    assert_int_equal(next_look(), 3000);
    assert_int_equal(look(4000, touched(0)), HEARTBEAT_FRESH);
    assert_int_equal(next_look(), 5000);
    assert_int_equal(look(9000, touched(0)), HEARTBEAT_STALE);
}

static void a_beat_after_a_grant_earns_another(void **state)
{
    (void)state;
    beating();
    next_look();
    assert_int_equal(look(4000, touched(0)), HEARTBEAT_FRESH);
    assert_int_equal(look(5000, touched(4500)), HEARTBEAT_FRESH);
    assert_int_equal(next_look(), 7500);
    assert_int_equal(look(8000, touched(4500)), HEARTBEAT_FRESH);
    assert_int_equal(next_look(), 8500);
    assert_int_equal(look(8500, touched(4500)), HEARTBEAT_STALE);
}

static void a_fresh_look_has_bounds(void **state)
{
    (void)state;
    beating();
    next_look();
    look(3000000, touched(0));
    assert_int_equal(next_look(), 3000000 + DELAY); /* a delay at most */
    arm_with(10, GRACE);
    look(0, touched(0));
    assert_int_equal(next_look(), 10);
    assert_int_equal(look(61, touched(0)), HEARTBEAT_FRESH);
    assert_int_equal(next_look(), 81); /* 20 ms at least */
}

static void a_little_late_is_not_overslept(void **state)
{
    (void)state;
    beating();
    next_look();
    assert_int_equal(look(3300, touched(0)), HEARTBEAT_STALE); /* a tenth of the delay */
    beating();
    next_look();
    assert_int_equal(look(3301, touched(0)), HEARTBEAT_FRESH);
    arm_with(100, GRACE);
    look(0, touched(0));
    next_look();
    assert_int_equal(look(150, touched(0)), HEARTBEAT_STALE); /* 50 ms */
    arm_with(100, GRACE);
    look(0, touched(0));
    next_look();
    assert_int_equal(look(151, touched(0)), HEARTBEAT_FRESH);
}

static void a_look_that_was_not_planned_is_not_overslept(void **state)
{
    (void)state;
    beating();
    next_look();
    assert_int_equal(look(1000, touched(0)), HEARTBEAT_FRESH);
    assert_int_equal(look(9000, touched(0)), HEARTBEAT_STALE);
}

static void oversleeping_the_start_grants_a_look(void **state)
{
    (void)state;
    arm_with(DELAY, 1000);
    look(0, nothing());
    assert_int_equal(next_look(), 1000);
    assert_int_equal(look(2000, nothing()), HEARTBEAT_AWAITED);
    assert_int_equal(next_look(), 3000);
    assert_int_equal(look(3000, nothing()), HEARTBEAT_MISSING);
}

/* ---- losing the source ---- */

static void a_lost_file_is_missing_at_once(void **state)
{
    (void)state;
    beating();
    assert_int_equal(look(100, lost()), HEARTBEAT_MISSING);
    arm_with(DELAY, GRACE);
    look(0, timed(0));
    assert_int_equal(look(100, lost()), HEARTBEAT_MISSING);
}

static void a_file_that_was_only_sighted_can_be_lost(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    assert_int_equal(look(0, touched(-60000)), HEARTBEAT_AWAITED);
    assert_int_equal(look(100, lost()), HEARTBEAT_MISSING);
}

static void a_ward_may_clear_away_the_file_of_an_earlier_run(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    heartbeat_ward_began(&heartbeat, ARMED);
    assert_int_equal(look(0, touched(-1000)), HEARTBEAT_AWAITED);
    assert_int_equal(look(100, lost()), HEARTBEAT_AWAITED);
    assert_int_equal(look(3100, touched(-1000)), HEARTBEAT_FRESH); /* whatever comes is a beat */
    assert_int_equal(look(3200, lost()), HEARTBEAT_MISSING);
}

static void a_cleared_file_that_never_comes_back_is_missing(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    heartbeat_ward_began(&heartbeat, ARMED);
    look(0, touched(-1000));
    assert_int_equal(look(GRACE - 1, lost()), HEARTBEAT_AWAITED);
    assert_int_equal(look(GRACE, lost()), HEARTBEAT_MISSING);
}

/* ---- legitimate silence ---- */

static void an_excuse_starts_a_full_delay(void **state)
{
    (void)state;
    beating();
    assert_int_equal(look(3000, touched(0)), HEARTBEAT_STALE);
    struct clock_reading now = clock_at(60000);
    heartbeat_excuse(&heartbeat, &now);
    assert_int_equal(look(62999, touched(0)), HEARTBEAT_FRESH);
    assert_int_equal(next_look(), 63000);
    assert_int_equal(look(63000, touched(0)), HEARTBEAT_STALE);
}

static void an_excuse_never_shortens_the_grace(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    struct clock_reading now = clock_at(10);
    heartbeat_excuse(&heartbeat, &now);
    assert_int_equal(look(GRACE - 1, nothing()), HEARTBEAT_AWAITED);
    now = clock_at(GRACE - 1);
    heartbeat_excuse(&heartbeat, &now);
    assert_int_equal(look(GRACE + DELAY - 2, nothing()), HEARTBEAT_AWAITED);
    assert_int_equal(look(GRACE + DELAY - 1, nothing()), HEARTBEAT_MISSING);
}

static void an_excuse_earns_another_grant(void **state)
{
    (void)state;
    beating();
    next_look();
    assert_int_equal(look(4000, touched(0)), HEARTBEAT_FRESH);
    struct clock_reading now = clock_at(4500);
    heartbeat_excuse(&heartbeat, &now);
    assert_int_equal(next_look(), 7500);
    assert_int_equal(look(8000, touched(0)), HEARTBEAT_FRESH);
    assert_int_equal(next_look(), 8500);
    assert_int_equal(look(8500, touched(0)), HEARTBEAT_STALE);
}

static void an_extension_of_the_start_lasts_until_its_end(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    heartbeat_extend(&heartbeat, ARMED + 60000);
    assert_int_equal(look(59999, nothing()), HEARTBEAT_AWAITED);
    assert_int_equal(look(60000, nothing()), HEARTBEAT_MISSING);
    arm_with(DELAY, GRACE);
    heartbeat_extend(&heartbeat, ARMED + 10);
    assert_int_equal(look(GRACE - 1, nothing()), HEARTBEAT_AWAITED);
}

static void an_extension_lasts_until_its_end(void **state)
{
    (void)state;
    beating();
    heartbeat_extend(&heartbeat, ARMED + 60000);
    assert_int_equal(next_look(), 60000);
    assert_int_equal(look(59999, touched(0)), HEARTBEAT_FRESH);
    assert_int_equal(look(60000, touched(0)), HEARTBEAT_STALE);
    heartbeat_extend(&heartbeat, ARMED + 10);
    assert_int_equal(look(60000, touched(0)), HEARTBEAT_STALE);
}

static void a_beat_within_an_extension_does_not_end_it(void **state)
{
    (void)state;
    beating();
    heartbeat_extend(&heartbeat, ARMED + 60000);
    assert_int_equal(look(5000, touched(4000)), HEARTBEAT_FRESH);
    assert_int_equal(look(59999, touched(4000)), HEARTBEAT_FRESH);
}

/* It may be said before the first beat is seen, even in the same message. */
static void the_first_beat_does_not_end_an_extension(void **state)
{
    (void)state;
    arm_with(DELAY, GRACE);
    heartbeat_extend(&heartbeat, ARMED + 60000);
    assert_int_equal(look(1000, timed(1000)), HEARTBEAT_FRESH);
    assert_int_equal(look(59999, timed(1000)), HEARTBEAT_FRESH);
    assert_int_equal(look(60000, timed(1000)), HEARTBEAT_STALE);
}

static void a_held_ward_is_looked_at_once_a_delay(void **state)
{
    (void)state;
    beating();
    assert_int_equal(look(3000, touched(0)), HEARTBEAT_STALE);
    assert_int_equal(next_look(), 6000);
    assert_int_equal(next_look(), 6000);
    assert_int_equal(look(6000, touched(0)), HEARTBEAT_STALE);
    assert_int_equal(next_look(), 9000);
}

/* ---- at random: never early, never late, one look a delay ---- */

static uint64_t random_state = 0x9e3779b97f4a7c15;

static int64_t random_below(int64_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (int64_t)(random_state >> 1) % limit;
}

/* A ward beats at uneven gaps and then no more, while the wall clock may be set once between two
 * looks. Returns when it is stale; `*end` is the last beat. */
static int64_t run_until_stale(struct beat_observation (*observe)(int64_t), bool steps,
                               int64_t *end)
{
    int64_t beats = random_below(40);
    int64_t gap = random_below(DELAY);
    struct beat_observation seen = observe(0);
    for (*end = 0;;) {
        int64_t now = next_look();
        int64_t step = steps && random_below(4) == 0 ? random_below(20000) - 10000 : 0;
        for (; beats > 0 && *end + gap <= now; beats--, gap = random_below(DELAY)) {
            *end += gap;
            if (random_below(3) == 0) {
                wall_step += step;
                step = 0;
            }
            seen = observe(*end);
        }
        wall_step += step;
        if (look(now, seen) == HEARTBEAT_STALE)
            return now;
    }
}

static void whatever_the_rhythm_the_tree_falls_one_delay_after_the_last_beat(void **state)
{
    (void)state;
    for (int run = 0; run < 4000; run++) {
        int64_t end;
        arm_with(DELAY, GRACE);
        assert_int_equal(look(0, run % 2 ? touched(0) : timed(0)), HEARTBEAT_FRESH);
        int64_t stale = run_until_stale(run % 2 ? touched : timed, false, &end);
        assert_int_equal(stale, end + DELAY);
    }
}

static void whatever_the_wall_clock_does_the_tree_never_falls_early(void **state)
{
    (void)state;
    for (int run = 0; run < 4000; run++) {
        int64_t end;
        arm_with(DELAY, GRACE);
        assert_int_equal(look(0, touched(0)), HEARTBEAT_FRESH);
        int64_t stale = run_until_stale(run % 2 ? touched : undated, true, &end);
        assert_in_range(stale, end + DELAY, end + 2 * DELAY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_timed_beat_is_stale_one_delay_after_it),
        cmocka_unit_test(a_touched_file_is_stale_one_delay_after_the_touch),
        cmocka_unit_test(beats_are_looked_at_once_a_delay),
        cmocka_unit_test(a_late_look_still_counts_from_the_beat),
        cmocka_unit_test(the_first_look_is_at_once),
        cmocka_unit_test(nothing_within_the_grace_is_missing),
        cmocka_unit_test(the_first_beat_ends_the_grace),
        cmocka_unit_test(a_grace_shorter_than_the_delay_is_kept),
        cmocka_unit_test(a_found_file_of_this_moment_is_a_beat_of_its_age),
        cmocka_unit_test(a_found_file_of_long_ago_is_no_beat),
        cmocka_unit_test(an_old_file_that_never_changes_is_stale_not_missing),
        cmocka_unit_test(a_found_file_of_an_earlier_boot_is_no_beat),
        cmocka_unit_test(a_found_file_of_the_future_is_no_beat),
        cmocka_unit_test(a_found_file_of_an_earlier_run_is_no_beat),
        cmocka_unit_test(a_found_beat_counts_from_the_latest_moment_that_it_can_have_been),
        cmocka_unit_test(a_stamp_that_lags_is_no_beat_of_this_run),
        cmocka_unit_test(a_found_file_that_cannot_be_dated_counts_as_of_now),
        cmocka_unit_test(a_stamp_that_programs_set_does_not_date_a_beat),
        cmocka_unit_test(a_wall_clock_that_steps_makes_no_beat_older),
        cmocka_unit_test(a_wall_clock_that_steps_back_hides_no_hang),
        cmocka_unit_test(a_small_step_forward_may_only_make_a_beat_younger),
        cmocka_unit_test(a_slewed_clock_still_dates_over_a_long_delay),
        cmocka_unit_test(a_change_dated_before_the_last_look_counts_as_of_now),
        cmocka_unit_test(a_coarse_stamp_just_before_the_last_look_counts_as_of_that_look),
        cmocka_unit_test(a_change_dated_after_now_counts_as_of_now),
        cmocka_unit_test(beats_that_cannot_be_dated_count_as_of_the_look_and_are_looked_at_more),
        cmocka_unit_test(a_timed_beat_of_the_future_counts_once),
        cmocka_unit_test(a_timed_beat_may_be_older_than_the_arming),
        cmocka_unit_test(a_timed_beat_never_goes_back),
        cmocka_unit_test(values_at_the_ends_of_the_range_do_no_harm),
        cmocka_unit_test(huge_delays_are_never_reached),
        cmocka_unit_test(a_delay_of_nothing_is_one_millisecond),
        cmocka_unit_test(a_suspend_gives_a_full_delay),
        cmocka_unit_test(a_suspend_that_ends_after_the_deadline_gives_a_full_delay),
        cmocka_unit_test(clocks_read_one_after_the_other_are_no_suspend),
        cmocka_unit_test(a_suspend_at_the_start_gives_a_full_delay),
        cmocka_unit_test(an_overslept_guard_looks_again_before_it_judges),
        cmocka_unit_test(oversleeping_again_is_no_new_grant),
        cmocka_unit_test(a_beat_after_a_grant_earns_another),
        cmocka_unit_test(a_fresh_look_has_bounds),
        cmocka_unit_test(a_little_late_is_not_overslept),
        cmocka_unit_test(a_look_that_was_not_planned_is_not_overslept),
        cmocka_unit_test(oversleeping_the_start_grants_a_look),
        cmocka_unit_test(a_lost_file_is_missing_at_once),
        cmocka_unit_test(a_file_that_was_only_sighted_can_be_lost),
        cmocka_unit_test(a_ward_may_clear_away_the_file_of_an_earlier_run),
        cmocka_unit_test(a_cleared_file_that_never_comes_back_is_missing),
        cmocka_unit_test(an_excuse_starts_a_full_delay),
        cmocka_unit_test(an_excuse_never_shortens_the_grace),
        cmocka_unit_test(an_excuse_earns_another_grant),
        cmocka_unit_test(an_extension_of_the_start_lasts_until_its_end),
        cmocka_unit_test(an_extension_lasts_until_its_end),
        cmocka_unit_test(a_beat_within_an_extension_does_not_end_it),
        cmocka_unit_test(the_first_beat_does_not_end_an_extension),
        cmocka_unit_test(a_held_ward_is_looked_at_once_a_delay),
        cmocka_unit_test(whatever_the_rhythm_the_tree_falls_one_delay_after_the_last_beat),
        cmocka_unit_test(whatever_the_wall_clock_does_the_tree_never_falls_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
