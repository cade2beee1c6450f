#include "core/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The table once more, written down apart from the code. One letter per state:
 *   . nothing   w back to watching   W the same, silence counts anew   H hold   S, C a budget
 *   s m d g c t a  the tree falls: stale, heartbeat missing, ward dead, guard lost, caller dead,
 *   timeout, asked   E the end */
static const struct {
    enum verdict_event event;
    const char *name;
    const char *cells; /* watching, held, stopping, closing, falling, done */
} table[] = {
    {EVENT_BEAT, "beat", ".ww..."},
    {EVENT_STALE_RUNNING, "stale, running", "sWs..."},
    {EVENT_STALE_HELD, "stale, held", "H.H..."},
    {EVENT_LINK_GONE, "link gone", "cca..."},
    {EVENT_HEARTBEAT_MISSING, "heartbeat missing", "mm...."},
    {EVENT_HOLD, "hold", "H.H..."},
    {EVENT_HOLD_OVER, "hold over", "WW...."},
    {EVENT_STOP_SEEN, "stop seen", "SS...."},
    {EVENT_CLOSING, "closing", "CCC..."},
    {EVENT_BUDGET_OUT, "budget out", "..aa.."},
    {EVENT_WARD_DEAD, "ward dead", "dddd.."},
    {EVENT_GUARD_LOST, "guard lost", "gggg.."},
    {EVENT_CALLER_DEAD, "caller dead", "cccc.."},
    {EVENT_TIMEOUT, "timeout", "tttt.."},
    {EVENT_TRIPPED, "tripped", "ssss.."},
    {EVENT_EXTENDED, "extended", "......"},
    {EVENT_DISARM, "disarm", "EEEE.."},
};

static struct verdict judge(enum verdict_state state, enum verdict_event event)
{
    static const struct verdict_times times = {
        .deadline_ms = INT64_MAX, .hold_until_ms = INT64_MAX, .extended_until_ms = INT64_MIN};
    return verdict_judge(state, event, &times);
}

static struct verdict fell(enum trigger trigger)
{
    return (struct verdict){STATE_FALLING, ACTION_FELL, trigger};
}

static struct verdict meaning(char letter, enum verdict_state state)
{
    switch (letter) {
    case '.':
        return (struct verdict){state, ACTION_NONE, TRIGGER_NONE};
    case 'w':
        return (struct verdict){STATE_WATCHING, ACTION_NONE, TRIGGER_NONE};
    case 'W':
        return (struct verdict){STATE_WATCHING, ACTION_EXCUSE, TRIGGER_NONE};
    case 'H':
        return (struct verdict){STATE_HELD, ACTION_EXCUSE, TRIGGER_NONE};
    case 'S':
        return (struct verdict){STATE_STOPPING, ACTION_NONE, TRIGGER_NONE};
    case 'C':
        return (struct verdict){STATE_CLOSING, ACTION_NONE, TRIGGER_NONE};
    case 'E':
        return (struct verdict){STATE_DONE, ACTION_FINISH, TRIGGER_NONE};
    case 's':
        return fell(TRIGGER_STALE);
    case 'm':
        return fell(TRIGGER_HEARTBEAT_MISSING);
    case 'd':
        return fell(TRIGGER_WARD_DEAD);
    case 'g':
        return fell(TRIGGER_GUARD_LOST);
    case 'c':
        return fell(TRIGGER_CALLER_DEAD);
    case 't':
        return fell(TRIGGER_TIMEOUT);
    case 'a':
        return fell(TRIGGER_ASKED);
    }
    fail_msg("no letter of the table: %c", letter);
    return fell(TRIGGER_NONE);
}

static void every_cell_is_as_written_down(void **unused)
{
    (void)unused;
    assert_int_equal(sizeof table / sizeof *table, EVENT_COUNT);
    for (int event = 0; event < EVENT_COUNT; event++) {
        assert_int_equal(table[event].event, event);
        assert_int_equal(strlen(table[event].cells), STATE_COUNT);
        for (int state = 0; state < STATE_COUNT; state++) {
            struct verdict want = meaning(table[event].cells[state], (enum verdict_state)state);
            struct verdict got = judge((enum verdict_state)state, (enum verdict_event)event);
            if (got.state != want.state || got.action != want.action || got.trigger != want.trigger)
                fail_msg("%s in state %d: state %d action %d trigger %d, not %d %d %d",
                         table[event].name, state, got.state, got.action, got.trigger, want.state,
                         want.action, want.trigger);
        }
    }
}

static void what_fell_has_a_trigger_and_nothing_else_has(void **unused)
{
    (void)unused;
    for (int event = 0; event < EVENT_COUNT; event++)
        for (int state = 0; state < STATE_COUNT; state++) {
            struct verdict got = judge((enum verdict_state)state, (enum verdict_event)event);
            bool falls = got.action == ACTION_FELL;
            assert_int_equal(falls, got.trigger != TRIGGER_NONE);
            assert_int_equal(falls, got.state == STATE_FALLING && state != STATE_FALLING);
            assert_in_range(got.state, 0, STATE_COUNT - 1);
        }
}

/* Levels are raised at every look: only the first may act. */
static void no_event_acts_twice(void **unused)
{
    (void)unused;
    for (int event = 0; event < EVENT_COUNT; event++)
        for (int state = 0; state < STATE_COUNT; state++) {
            struct verdict once = judge((enum verdict_state)state, (enum verdict_event)event);
            struct verdict twice = judge(once.state, (enum verdict_event)event);
            if (once.state != STATE_WATCHING)
                assert_int_equal(twice.action, ACTION_NONE);
        }
}

/* From every live state everything ends: by the ward's death, by asking, by the end of a budget. */
static void nothing_stays_for_ever(void **unused)
{
    (void)unused;
    for (int state = 0; state < STATE_FALLING; state++) {
        const enum verdict_event ends[] = {EVENT_WARD_DEAD, EVENT_TRIPPED, EVENT_TIMEOUT,
                                           EVENT_GUARD_LOST, EVENT_CALLER_DEAD};
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
            struct verdict got = judge((enum verdict_state)state, ends[i]);
            assert_int_equal(got.state, STATE_FALLING);
        }
    }
}

/* ---- "Breakpoint or hang", line by line ---- */

static enum verdict_event event_of(struct verdict_facts facts)
{
    return verdict_event(STATE_WATCHING, &facts);
}

static void fresh_is_watched_but_for_one_stopped_as_it_stands_in_its_start(void **unused)
{
    (void)unused;
    for (unsigned bits = 0; bits < 32; bits++) {
        struct verdict_facts facts = {.age = bits & 16 ? HEARTBEAT_FRESH : HEARTBEAT_AWAITED,
                                      .stopped = bits & 1,
                                      .suspended = bits & 2,
                                      .link_gone = (bits & 6) == 4,
                                      .declared = bits & 8};
        assert_int_equal(verdict_event(STATE_WATCHING, &facts), EVENT_BEAT);
        facts.stop_seen = true;
        bool starting = facts.age == HEARTBEAT_AWAITED;
        assert_int_equal(verdict_event(STATE_WATCHING, &facts),
                         starting && facts.suspended ? EVENT_STOP_SEEN : EVENT_BEAT);
    }
}

static void silence_is_a_hang_or_a_hold(void **unused)
{
    (void)unused;
    struct verdict_facts stale = {.age = HEARTBEAT_STALE};
    assert_int_equal(verdict_event(STATE_WATCHING, &stale), EVENT_STALE_RUNNING);
    stale.link_gone = true; /* of a debugger that suspends nothing: says nothing */
    assert_int_equal(verdict_event(STATE_WATCHING, &stale), EVENT_STALE_RUNNING);
    assert_int_equal(event_of((struct verdict_facts){.age = HEARTBEAT_STALE, .stopped = true}),
                     EVENT_STALE_HELD);
    assert_int_equal(event_of((struct verdict_facts){.age = HEARTBEAT_STALE, .suspended = true}),
                     EVENT_STALE_HELD);
    assert_int_equal(event_of((struct verdict_facts){.age = HEARTBEAT_STALE, .declared = true}),
                     EVENT_HOLD);
}

static void a_stop_outranks_a_hold(void **unused)
{
    (void)unused;
    for (unsigned bits = 0; bits < 8; bits++)
        assert_int_equal(event_of((struct verdict_facts){.age = HEARTBEAT_STALE,
                                                         .stop_seen = true,
                                                         .stopped = bits & 1,
                                                         .suspended = bits & 2,
                                                         .declared = bits & 4}),
                         EVENT_STOP_SEEN);
}

static void a_suspended_ward_whose_debugger_is_gone_is_lost(void **unused)
{
    (void)unused;
    for (unsigned bits = 0; bits < 32; bits++)
        assert_int_equal(event_of((struct verdict_facts){.age = (enum heartbeat_age)(bits >> 3),
                                                         .suspended = true,
                                                         .link_gone = true,
                                                         .stop_seen = bits & 1,
                                                         .stopped = bits & 2,
                                                         .declared = bits & 4}),
                         EVENT_LINK_GONE);
}

static void closing_outranks_all(void **unused)
{
    (void)unused;
    for (unsigned bits = 0; bits < 128; bits++)
        assert_int_equal(event_of((struct verdict_facts){.age = (enum heartbeat_age)(bits & 3),
                                                         .closing = true,
                                                         .suspended = bits & 4,
                                                         .link_gone = bits & 8,
                                                         .stop_seen = bits & 16,
                                                         .stopped = bits & 32,
                                                         .declared = bits & 64}),
                         EVENT_CLOSING);
}

static void a_file_cleared_away_after_a_stop_is_no_loss(void **unused)
{
    (void)unused;
    struct verdict_facts missing = {.age = HEARTBEAT_MISSING, .stopped = true, .declared = true};
    assert_int_equal(verdict_event(STATE_WATCHING, &missing), EVENT_HEARTBEAT_MISSING);
    missing.stop_seen = true;
    assert_int_equal(verdict_event(STATE_WATCHING, &missing), EVENT_STOP_SEEN);
}

/* ---- deadlines ---- */

#define NOW   1000
#define GRACE 300

static const struct verdict_times quiet = {.now_ms = NOW,
                                           .deadline_ms = INT64_MAX,
                                           .grace_ms = GRACE,
                                           .hold_until_ms = INT64_MAX,
                                           .extended_until_ms = INT64_MIN};

static int64_t deadline(enum verdict_state state, enum verdict_event event,
                        struct verdict_times times)
{
    return verdict_judge(state, event, &times).deadline_ms;
}

static void a_stop_has_its_grace_from_when_the_ward_was_asked(void **unused)
{
    (void)unused;
    struct verdict_times times = quiet;
    assert_int_equal(deadline(STATE_WATCHING, EVENT_STOP_SEEN, times), NOW + GRACE);
    times.stop_seen_ms = NOW - 100;
    assert_int_equal(deadline(STATE_WATCHING, EVENT_STOP_SEEN, times), NOW - 100 + GRACE);
    times.stop_seen_ms = NOW + 100; /* by a clock that is ahead */
    assert_int_equal(deadline(STATE_HELD, EVENT_STOP_SEEN, times), NOW + GRACE);
    times.deadline_ms = NOW + 7; /* one that runs is not started again */
    assert_int_equal(deadline(STATE_STOPPING, EVENT_STOP_SEEN, times), NOW + 7);
    times.grace_ms = INT64_MAX;
    assert_int_equal(deadline(STATE_WATCHING, EVENT_STOP_SEEN, times), INT64_MAX);
}

static void closing_has_the_time_that_was_declared(void **unused)
{
    (void)unused;
    struct verdict_times times = quiet;
    assert_int_equal(deadline(STATE_WATCHING, EVENT_CLOSING, times), NOW + GRACE);
    times.closing_until_ms = NOW + 60000;
    assert_int_equal(deadline(STATE_WATCHING, EVENT_CLOSING, times), NOW + 60000);
    times.deadline_ms = NOW + 5;
    assert_int_equal(deadline(STATE_STOPPING, EVENT_CLOSING, times), NOW + 60000);
    assert_int_equal(deadline(STATE_CLOSING, EVENT_CLOSING, times), NOW + 5);
}

static void an_extension_moves_the_end_of_a_stop_and_nothing_else(void **unused)
{
    (void)unused;
    struct verdict_times times = quiet;
    times.extended_until_ms = NOW + 9000;
    times.deadline_ms = NOW + 5;
    assert_int_equal(deadline(STATE_STOPPING, EVENT_EXTENDED, times), NOW + 9000);
    assert_int_equal(deadline(STATE_CLOSING, EVENT_EXTENDED, times), NOW + 9000);
    times.extended_until_ms = NOW + 1; /* never to an earlier one */
    assert_int_equal(deadline(STATE_CLOSING, EVENT_EXTENDED, times), NOW + 5);
    assert_int_equal(deadline(STATE_WATCHING, EVENT_EXTENDED, times), INT64_MAX);
}

static void a_hold_ends_when_it_was_declared_to(void **unused)
{
    (void)unused;
    struct verdict_times times = quiet;
    assert_int_equal(deadline(STATE_WATCHING, EVENT_STALE_HELD, times), INT64_MAX);
    times.hold_until_ms = NOW + 50;
    assert_int_equal(deadline(STATE_WATCHING, EVENT_HOLD, times), NOW + 50);
    assert_int_equal(verdict_overdue(STATE_HELD, &times), EVENT_HOLD); /* anew */
    assert_int_equal(verdict_overdue(STATE_HELD, &quiet), EVENT_HOLD_OVER);
    times.deadline_ms = NOW + 50;
    assert_int_equal(deadline(STATE_HELD, EVENT_BEAT, times), INT64_MAX);
    assert_int_equal(verdict_overdue(STATE_STOPPING, &times), EVENT_BUDGET_OUT);
    assert_int_equal(verdict_overdue(STATE_CLOSING, &times), EVENT_BUDGET_OUT);
}

static void a_page_is_never_lost(void **unused)
{
    (void)unused;
    struct verdict_facts facts = {.age = HEARTBEAT_MISSING, .lasting = true};
    assert_int_equal(verdict_event(STATE_WATCHING, &facts), EVENT_HEARTBEAT_MISSING);
    assert_int_equal(verdict_event(STATE_HELD, &facts), EVENT_STALE_RUNNING);
    facts.suspended = true;
    assert_int_equal(verdict_event(STATE_WATCHING, &facts), EVENT_STALE_HELD);
    facts.lasting = false;
    assert_int_equal(verdict_event(STATE_HELD, &facts), EVENT_HEARTBEAT_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_is_as_written_down),
        cmocka_unit_test(what_fell_has_a_trigger_and_nothing_else_has),
        cmocka_unit_test(no_event_acts_twice),
        cmocka_unit_test(nothing_stays_for_ever),
        cmocka_unit_test(fresh_is_watched_but_for_one_stopped_as_it_stands_in_its_start),
        cmocka_unit_test(silence_is_a_hang_or_a_hold),
        cmocka_unit_test(a_stop_outranks_a_hold),
        cmocka_unit_test(a_suspended_ward_whose_debugger_is_gone_is_lost),
        cmocka_unit_test(closing_outranks_all),
        cmocka_unit_test(a_file_cleared_away_after_a_stop_is_no_loss),
        cmocka_unit_test(a_stop_has_its_grace_from_when_the_ward_was_asked),
        cmocka_unit_test(closing_has_the_time_that_was_declared),
        cmocka_unit_test(an_extension_moves_the_end_of_a_stop_and_nothing_else),
        cmocka_unit_test(a_hold_ends_when_it_was_declared_to),
        cmocka_unit_test(a_page_is_never_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
