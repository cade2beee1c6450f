/* The sentinel's loop: every state x event that it can meet, and when exactly it acts. */
#include "fake_guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- state x event ---- */

#define ENTER_MS 10000 /* by then the sentinel is in the cell's state */

static void in_watching(void)
{
}

static void in_held(void)
{
    fake_after(0, step_hush, 0);
    fake_after(0, step_state, PROCESS_STOPPED);
}

static void step_stop_seen(int64_t unused)
{
    (void)unused;
    guard.page.stop_seen_ms = fake.now.now_ms + 1;
}

/* The stop is seen when the ward falls silent: its budget runs from when it was asked, 601. */
static void in_stopping(void)
{
    guard.sentinel.plan.grace_ms = 11899;
    fake_after(600, step_hush, 0);
    fake_after(600, step_stop_seen, 0);
}

static void step_closing(int64_t until_ms)
{
    guard.page.closing_until_ms = FAKE_BOOT_MS + until_ms;
}

static void in_closing(void)
{
    fake_after(600, step_closing, 15000);
    fake_after(600, step_hush, 0);
}

static const struct {
    const char *name;
    void (*enter)(void);
    enum verdict_state state;
} states[] = {
    {"watching", in_watching, STATE_WATCHING},
    {"held", in_held, STATE_HELD},
    {"stopping", in_stopping, STATE_STOPPING},
    {"closing", in_closing, STATE_CLOSING},
};

static void step_resume(int64_t unused)
{
    step_state(PROCESS_RUNS);
    guard_beat();
    (void)unused;
}

static void step_silence(int64_t unused)
{
    step_hush(unused);
    step_state(PROCESS_RUNS);
}

static void step_breakpoint(int64_t unused)
{
    step_hush(unused);
    step_state(PROCESS_TRACED);
}

static void step_suspended(int64_t link_gone)
{
    step_silence(0);
    guard.page.suspended = 1;
    guard.page.link_gone = (int32_t)link_gone;
}

static void step_hold(int64_t ms)
{
    step_silence(0);
    guard.page.hold_until_ms = fake.now.now_ms + ms;
}

static void step_stop(int64_t unused)
{
    step_silence(0);
    step_stop_seen(unused);
}

static void step_clean_up(int64_t until_ms)
{
    step_silence(0);
    step_closing(until_ms);
}

static void step_end_wrapper(int64_t unused)
{
    (void)unused;
    if (guard.sentinel.wrapper.handle != OS_NO_HANDLE)
        fake_end(WRAPPER);
}

static void step_nothing(int64_t unused)
{
    (void)unused;
}

/* What comes of it, and when (in ms after the event). A letter: the state at the end (W H S C), the
 * end of the guard (E), or what made the tree fall (s stale, d ward dead, g guard lost, a asked).
 * The last beat before it was at 9,500 in WATCHING, so the silence ends at 12,500. A held ward is
 * looked at at 3,000, 6,000, ..., a stopping one at 3,500, 6,500, ... */
static const struct {
    const char *name;
    fake_step *step;
    int64_t argument;
    struct {
        char outcome;
        int64_t after_ms;
    } cells[4]; /* watching, held, stopping, closing */
} events[] = {
    {"nothing", step_nothing, 0, {{'W', 0}, {'H', 0}, {'a', 2500}, {'a', 5000}}},
    {"beats", step_resume, 0, {{'W', 0}, {'W', 0}, {'W', 0}, {'a', 5000}}},
    {"silence", step_silence, 0, {{'s', 2500}, {'s', 5000}, {'a', 2500}, {'a', 5000}}},
    {"breakpoint", step_breakpoint, 0, {{'H', 0}, {'H', 0}, {'a', 2500}, {'a', 5000}}},
    {"suspended", step_suspended, 0, {{'H', 0}, {'H', 0}, {'a', 2500}, {'a', 5000}}},
    {"link gone", step_suspended, 1, {{'c', 2000}, {'c', 2000}, {'a', 2500}, {'a', 5000}}},
    {"long hold", step_hold, 60000, {{'H', 0}, {'H', 0}, {'a', 2500}, {'a', 5000}}},
    {"short hold", step_hold, 4000, {{'s', 7000}, {'s', 7000}, {'a', 2500}, {'a', 5000}}},
    {"stop seen", step_stop, 0, {{'a', 5001}, {'a', 5001}, {'a', 2500}, {'a', 5000}}},
    {"closing", step_clean_up, 18000, {{'a', 8000}, {'a', 8000}, {'a', 8000}, {'a', 5000}}},
    {"ward dead", fake_step_end, FAKE_WARD, {{'d', 0}, {'d', 0}, {'d', 0}, {'d', 0}}},
    {"SIGTERM", fake_step_signal, FAKE_TERM, {{'E', 0}, {'E', 0}, {'E', 0}, {'E', 0}}},
    {"dismissed", fake_step_dismiss, 0, {{'E', 0}, {'E', 0}, {'E', 0}, {'E', 0}}},
};

static char outcome_now(void)
{
    if (guard.falls > 0)
        return "-sdmgcta"[guard.trigger];
    return guard.sentinel.state == STATE_DONE ? 'E' : "WHSCF"[guard.sentinel.state];
}

static char seen_outcome;
static enum verdict_state seen_state;

static void step_see_state(int64_t unused)
{
    (void)unused;
    seen_state = guard.sentinel.state;
}

static void step_see_outcome(int64_t unused)
{
    (void)unused;
    seen_outcome = outcome_now();
}

static void run_cell(size_t event, size_t state)
{
    guard_setup(NULL);
    guard_beats_by_page();
    seen_outcome = 0;
    guard_beat();
    states[state].enter();
    fake_after(ENTER_MS - 1, step_see_state, 0);
    fake_after(ENTER_MS, events[event].step, events[event].argument);
    fake_after(ENTER_MS + 12000, step_see_outcome, 0);
    guard_run(ENTER_MS + 12001);
    char outcome = seen_outcome ? seen_outcome : outcome_now();
    char want = events[event].cells[state].outcome;
    int64_t after_ms = guard.falls > 0 ? guard.fell_ms - ENTER_MS : 0;
    if (seen_state != states[state].state)
        fail_msg("%s: was in state %d", states[state].name, seen_state);
    if (outcome != want || after_ms != events[event].cells[state].after_ms)
        fail_msg("%s, %s: %c after %d ms, not %c after %d", states[state].name, events[event].name,
                 outcome, (int)after_ms, want, (int)events[event].cells[state].after_ms);
    if (guard.falls == 0)
        assert_int_equal(fake.strikes, 0);
    else
        assert_true(guard.complete && fake_ours_alive() == 0);
    guard_teardown(NULL);
}

static void every_state_meets_every_event(void **unused)
{
    (void)unused;
    for (size_t event = 0; event < sizeof events / sizeof *events; event++)
        for (size_t state = 0; state < sizeof states / sizeof *states; state++)
            run_cell(event, state);
}

/* The same below a wrapper: it is told, and whatever comes then changes nothing. */
static void every_state_loses_its_wrapper(void **unused)
{
    (void)unused;
    for (size_t state = 0; state < sizeof states / sizeof *states; state++) {
        guard_setup(NULL);
        guard_beats_by_page();
        guard_of_run();
        guard_beat();
        states[state].enter();
        fake_after(ENTER_MS - 1, step_see_state, 0);
        fake_after(ENTER_MS, step_end_wrapper, 0);
        guard_run(ENTER_MS + 1);
        assert_int_equal(seen_state, states[state].state);
        expect_fall(TRIGGER_GUARD_LOST, ENTER_MS);
        assert_int_equal(fake.said[MESSAGE_FALL], 0);
        guard_teardown(NULL);
    }
}

/* ---- below a wrapper ---- */

static void expect_told(enum trigger trigger)
{
    assert_int_equal(guard.attestations, 1);
    assert_int_equal(fake.said[MESSAGE_FALL], 1);
    assert_int_equal(fake.said_detail[MESSAGE_FALL], trigger);
}

static void step_expect_untouched(int64_t unused)
{
    (void)unused;
    assert_int_equal(fake.strikes, 0);
    assert_int_equal(guard.sentinel.state, STATE_FALLING);
}

static void a_wrapper_that_answers_fells_alone(void **unused)
{
    (void)unused;
    guard_beats_by_page();
    guard_of_run();
    fake_after(5000, step_expect_untouched, 0);
    guard_run(5001);
    expect_told(TRIGGER_HEARTBEAT_MISSING);
    assert_int_equal(guard.falls, 0);
    assert_int_equal(fake.strikes, 0);
}

/* It hangs, or is stopped: after its own budget of 10 s and 2 s of patience the sentinel fells. */
static void a_wrapper_that_does_not_answer_is_replaced(void **unused)
{
    (void)unused;
    guard_beats_by_page();
    guard_of_run();
    guard_beat();
    fake_after(1000, step_hush, 0);
    fake_after(15499, step_expect_untouched, 0);
    guard_run(60000);
    expect_told(TRIGGER_STALE);
    expect_fall(TRIGGER_STALE, 500 + KILL_DELAY + 12000);
    assert_true(fake_alive(WRAPPER));
}

static void a_wrapper_that_dies_while_it_fells_is_replaced_at_once(void **unused)
{
    (void)unused;
    guard_beats_by_page();
    guard_of_run();
    fake_after(5000, step_end_wrapper, 0);
    guard_run(60000);
    expect_told(TRIGGER_HEARTBEAT_MISSING);
    expect_fall(TRIGGER_HEARTBEAT_MISSING, 5000);
}

static struct os_process told;

static void step_tell_ward(int64_t pid)
{
    fake.told = (struct channel_message){MESSAGE_WARD, (uint32_t)pid, told.handle};
}

/* It came up before the ward's process was there. */
static void the_ward_is_told_later(void **unused)
{
    (void)unused;
    guard_of_run();
    told = guard.scope.ward;
    guard.scope.ward = (struct os_process){.handle = OS_NO_HANDLE};
    fake_after(3, step_tell_ward, FAKE_WARD);
    fake_after(5000, step_end_wrapper, 0);
    guard_run(60000);
    assert_int_equal(guard.scope.ward.id.pid, told.id.pid);
    assert_int_equal(guard.scope.ward.id.start, told.id.start);
    expect_fall(TRIGGER_GUARD_LOST, 5000);
}

static void step_end_ward(int64_t unused)
{
    (void)unused;
    fake_end(FAKE_WARD);
}

/* Its number may be another's by then. */
static void a_ward_that_was_over_when_it_was_told_is_nobody(void **unused)
{
    (void)unused;
    guard_of_run();
    told = guard.scope.ward;
    guard.scope.ward = (struct os_process){.handle = OS_NO_HANDLE};
    fake_after(1, step_end_ward, 0);
    fake_after(3, step_tell_ward, FAKE_WARD);
    guard_run(200);
    assert_int_equal(guard.scope.ward.id.start, UINT64_MAX);
    expect_no_fall();
}

static void a_wrapper_that_cannot_be_told_is_not_waited_for(void **unused)
{
    (void)unused;
    guard_beats_by_page();
    guard_of_run();
    fake.channel_full = true;
    guard_run(60000);
    expect_fall(TRIGGER_HEARTBEAT_MISSING, STARTUP);
}

/* Whatever the ward does meanwhile: beats, messages and files are not listened to, and must not
 * make the loop turn. */
static void while_the_wrapper_fells_nothing_else_counts(void **unused)
{
    (void)unused;
    void (*const sources[])(void) = {guard_beats_by_page, guard_beats_by_file,
                                     guard_beats_by_notify};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        guard_setup(NULL);
        sources[i]();
        guard_of_run();
        fake_after(2500, fake_step_beat, 0);
        fake_after(2600, fake_step_lose, 0);
        fake_after(2700, fake_step_notify, (intptr_t) "WATCHDOG=trigger");
        fake_after(2700, step_closing, 100000);
        fake_after(2800, fake_step_end, FAKE_WARD);
        fake_after(2900, step_expect_untouched, 0);
        guard_run(60000);
        expect_told(TRIGGER_HEARTBEAT_MISSING);
        expect_fall(TRIGGER_HEARTBEAT_MISSING, STARTUP + 12000);
        assert_in_range(fake.waits, 1, 100);
        guard_teardown(NULL);
    }
}

/* Wrapper and sentinel were killed: the reserve fells what they guarded. */
static void the_reserve_fells_at_once(void **unused)
{
    (void)unused;
    guard_of_run();
    fake_end(WRAPPER);
    sentinel_replace(&guard.sentinel);
    guard.status = 0;
    expect_fall(TRIGGER_GUARD_LOST, 0);
}

/* ---- who may say what ---- */

static void a_hangup_ends_the_guard_only_when_the_terminal_is_gone(void **unused)
{
    (void)unused;
    fake_after(100, fake_step_signal, FAKE_HUP);
    fake_after(200, fake_step_signal, 10);
    guard_run(500);
    expect_no_fall();
    assert_int_equal(guard.passed_ms, 500);
}

static void step_notify_from(int64_t sender)
{
    fake_step_notify((intptr_t) "WATCHDOG=trigger");
    fake.notify.sender = (int32_t)sender;
    fake.notify.uid = 1234;
}

static void only_members_give_themselves_up(void **unused)
{
    (void)unused;
    const int32_t strangers[] = {60, 62, 1, 999, 0, -1};
    guard_beats_by_notify();
    guard_beat();
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        fake_after(100 + 10 * (int64_t)i, step_notify_from, strangers[i]);
    fake_after(1800, step_notify_from, DAEMON);
    guard_run(60000);
    expect_fall(TRIGGER_STALE, 1800);
}

#define SAYS(after_ms, text) fake_after(after_ms, fake_step_notify, (intptr_t)(text))

static void a_hold_that_is_asked_for_outlasts_a_beat(void **unused)
{
    (void)unused;
    guard_beats_by_notify();
    SAYS(100, "READY=1\nWATCHDOG=1");
    SAYS(1000, "EXTEND_TIMEOUT_USEC=10000000\nWATCHDOG=1");
    SAYS(2000, "WATCHDOG=1");
    guard_run(60000);
    expect_fall(TRIGGER_STALE, 11000);
}

/* As for systemd: the start is over. */
static void a_ward_that_is_ready_is_silent_from_then_on(void **unused)
{
    (void)unused;
    guard_beats_by_notify();
    SAYS(1000, "READY=1");
    guard_run(60000);
    expect_fall(TRIGGER_STALE, 1000 + KILL_DELAY);
}

static void a_ward_may_set_its_own_delay(void **unused)
{
    (void)unused;
    guard_beats_by_notify();
    SAYS(100, "WATCHDOG=1");
    SAYS(1000, "WATCHDOG_USEC=10000000");
    SAYS(8000, "WATCHDOG=1");
    SAYS(17000, "WATCHDOG=1\nWATCHDOG_USEC=500001");
    guard_run(60000);
    expect_fall(TRIGGER_STALE, 17000 + 501);
}

static void the_longest_delay_that_a_ward_may_set_never_ends(void **unused)
{
    (void)unused;
    guard_beats_by_notify();
    SAYS(1000, "WATCHDOG=1\nWATCHDOG_USEC=9223372036854775807");
    guard_run(60000);
    assert_int_equal(guard.falls, 0);
}

static void a_ward_that_stops_gets_the_stop_budget(void **unused)
{
    (void)unused;
    guard_beats_by_notify();
    SAYS(100, "WATCHDOG=1");
    SAYS(1000, "STOPPING=1");
    guard_run(60000);
    expect_fall(TRIGGER_ASKED, 1000 + CLOSING);
}

static void step_flood(int64_t count)
{
    fake_step_notify((intptr_t) "STATUS=busy");
    fake.notify_count = (size_t)count;
}

/* A ward that floods the socket without end keeps nobody from anything. */
static void a_flood_of_messages_drowns_no_trigger(void **unused)
{
    (void)unused;
    guard_beats_by_notify();
    guard_of_run();
    SAYS(10, "WATCHDOG=1");
    fake_after(100, step_flood, 50000);
    fake_after(100, step_end_wrapper, 0);
    guard_run(60000);
    expect_fall(TRIGGER_GUARD_LOST, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_meets_every_event),
        cmocka_unit_test(every_state_loses_its_wrapper),
        GUARD_TEST(a_wrapper_that_answers_fells_alone),
        GUARD_TEST(a_wrapper_that_does_not_answer_is_replaced),
        GUARD_TEST(a_wrapper_that_dies_while_it_fells_is_replaced_at_once),
        GUARD_TEST(the_ward_is_told_later),
        GUARD_TEST(a_ward_that_was_over_when_it_was_told_is_nobody),
        GUARD_TEST(a_wrapper_that_cannot_be_told_is_not_waited_for),
        cmocka_unit_test(while_the_wrapper_fells_nothing_else_counts),
        GUARD_TEST(the_reserve_fells_at_once),
        GUARD_TEST(a_hangup_ends_the_guard_only_when_the_terminal_is_gone),
        GUARD_TEST(only_members_give_themselves_up),
        GUARD_TEST(a_hold_that_is_asked_for_outlasts_a_beat),
        GUARD_TEST(a_ward_that_is_ready_is_silent_from_then_on),
        GUARD_TEST(a_ward_may_set_its_own_delay),
        GUARD_TEST(the_longest_delay_that_a_ward_may_set_never_ends),
        GUARD_TEST(a_ward_that_stops_gets_the_stop_budget),
        GUARD_TEST(a_flood_of_messages_drowns_no_trigger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
