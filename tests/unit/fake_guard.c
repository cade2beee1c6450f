#include "fake_guard.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define BEAT_MS 500

struct guard guard;

static void fallen(void *context, enum trigger trigger, bool complete)
{
    (void)context;
    guard.falls++;
    guard.trigger = trigger;
    guard.complete = complete;
    guard.fell_ms = guard.sentinel.ledger.trigger_us / 1000 - FAKE_BOOT_MS;
}

static void attested(void *context)
{
    (void)context;
    guard.attestations++;
}

static void make_tree(void)
{
    struct brand_pair unlimited = {BRAND_UNLIMITED, BRAND_UNLIMITED};
    struct brand *brand = &guard.scope.brands.list[0];
    assert_true(brand_below(unlimited, 12345, brand));
    guard.scope.brands.count = 1;
    struct fake_process *ward = fake_add(FAKE_WARD, FAKE_SHELL);
    ward->ours = true;
    ward->limits = brand->value;
    fake_fork(CHILD, FAKE_WARD);
    struct fake_process *daemon = fake_fork(DAEMON, CHILD);
    daemon->row.ppid = 1;
    daemon->row.group = daemon->row.session = DAEMON;
}

int guard_setup(void **unused)
{
    (void)unused;
    fake_reset();
    guard = (struct guard){.status = -1};
    scope_init(&guard.scope);
    protected_add_ancestry(&guard.scope.protected);
    make_tree();
    assert_int_equal(
        os_process_open((struct process_identity){FAKE_WARD, 0}, &guard.scope.ward).code, 0);
    guard.scope.session = FAKE_SHELL;
    struct sentinel *sentinel = &guard.sentinel;
    sentinel_init(sentinel, &guard.scope);
    sentinel->dismissal = fake_dismissal();
    sentinel->signals = fake_signals();
    sentinel->plan.kill_delay_ms = KILL_DELAY;
    sentinel->plan.startup_grace_ms = STARTUP;
    sentinel->plan.grace_ms = CLOSING;
    sentinel->plan.hold_when_stopped = true;
    sentinel->leads = true;
    sentinel->plan.fall_on_exit = true;
    sentinel->calls.attested = attested;
    sentinel->calls.fallen = fallen;
    return 0;
}

int guard_teardown(void **unused)
{
    (void)unused;
    os_process_close(&guard.sentinel.wrapper);
    beats_close(&guard.sentinel.beats);
    ledger_done(&guard.sentinel.ledger);
    scope_done(&guard.scope);
    fake_check();
    return 0;
}

void guard_beats_by_page(void)
{
    guard.sentinel.beats.source = BEATS_PAGE;
    guard.sentinel.beats.page = fake.page = &guard.page;
}

void guard_beats_by_file(void)
{
    guard.sentinel.beats.source = BEATS_FILE;
    os_beat_file_open("beat", 0, &guard.sentinel.beats.file);
}

void guard_beats_by_notify(void)
{
    guard.sentinel.beats.source = BEATS_NOTIFY;
    os_notify_open(&guard.sentinel.beats.notify);
}

void guard_of_run(void)
{
    fake_add(WRAPPER, FAKE_SHELL);
    os_process_watch(WRAPPER, &guard.sentinel.wrapper);
    protected_add(&guard.scope.protected, WRAPPER);
    guard.sentinel.channel = 0; /* the fake never looks at it */
    guard.sentinel.leads = false;
    guard.sentinel.signals = OS_NO_HANDLE;
}

static void step_beat_on(int64_t unused)
{
    if (!guard.beating)
        return;
    if (guard.sentinel.beats.source == BEATS_NOTIFY)
        fake_step_notify((intptr_t) "WATCHDOG=1");
    else
        fake_step_beat(unused);
    fake_after(BEAT_MS, step_beat_on, unused);
}

void guard_beat(void)
{
    guard.beating = true;
    step_beat_on(0);
}

void step_hush(int64_t unused)
{
    (void)unused;
    guard.beating = false;
}

void step_state(int64_t state)
{
    fake_find(FAKE_WARD)->row.state = (enum process_state)state;
}

void guard_run(int64_t most_ms)
{
    fake_after(most_ms, fake_step_dismiss, 0);
    guard.status = sentinel_run(&guard.sentinel);
    guard.passed_ms = fake_passed_ms();
}

void expect_fall(enum trigger trigger, int64_t at_ms)
{
    assert_int_equal(guard.falls, 1);
    assert_int_equal(guard.trigger, trigger);
    assert_int_equal(guard.fell_ms, at_ms);
    assert_true(guard.complete);
    assert_int_equal(fake_ours_alive(), 0);
    assert_int_equal(guard.status, 0);
}

void expect_no_fall(void)
{
    assert_int_equal(guard.falls, 0);
    assert_int_equal(fake.strikes, 0);
    assert_int_equal(fake.said[MESSAGE_FALL], 0);
    assert_int_equal(guard.status, 0);
}
