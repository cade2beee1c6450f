/* The scripted OS: time, waiting, handles. Processes are in fake_process.c, the rest in
 * fake_sources.c. */
#include "fake_os.h"

#include "fake_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define SPINS_AT_MOST 10000
#define HANDLES       4096
#define ALARMS        16

struct fake fake;

static struct {
    int64_t at_ms;
    fake_step *step;
    int64_t argument;
} steps[FAKE_STEPS];
static size_t step_count;

static struct {
    enum fake_kind kind;
    size_t index;
} handles[HANDLES];
static size_t handle_count; /* handle n is handles[n] */

/* ---- handles ---- */

os_handle fake_handle(enum fake_kind kind, size_t index)
{
    assert_true(handle_count < HANDLES);
    handles[handle_count].kind = kind;
    handles[handle_count].index = index;
    return (os_handle)handle_count++;
}

size_t fake_handle_index(os_handle handle)
{
    assert_in_range(handle, 0, handle_count - 1);
    assert_int_not_equal(handles[handle].kind, FAKE_CLOSED); /* used after it was closed */
    return handles[handle].index;
}

void os_handle_close(os_handle *handle)
{
    if (*handle == OS_NO_HANDLE)
        return;
    fake_handle_index(*handle);
    handles[*handle].kind = FAKE_CLOSED;
    *handle = OS_NO_HANDLE;
}

size_t fake_open_handles(void)
{
    size_t open = 0;
    for (size_t i = 0; i < handle_count; i++)
        open += handles[i].kind == FAKE_PROCESS || handles[i].kind == FAKE_EVENTS;
    return open;
}

/* One that many share: the same number for all who ask. */
static os_handle shared(enum fake_kind kind)
{
    for (size_t i = 0; i < handle_count; i++)
        if (handles[i].kind == kind)
            return (os_handle)i;
    return fake_handle(kind, 0);
}

os_handle fake_dismissal(void)
{
    return shared(FAKE_DISMISSAL);
}

os_handle fake_signals(void)
{
    return shared(FAKE_SIGNALS);
}

static bool dismissed;

static int64_t alarms[ALARMS];
static size_t alarm_count;

static bool is_ready(os_handle handle)
{
    size_t index = fake_handle_index(handle);
    switch (handles[handle].kind) {
    case FAKE_PROCESS:
        return fake_process_ended(index);
    case FAKE_DISMISSAL:
        return dismissed;
    case FAKE_SIGNALS:
        return fake.signal_count > 0;
    case FAKE_EVENTS:
        return fake_events_pending(index);
    case FAKE_BEAT_WATCH:
        return fake.beat_stirred;
    case FAKE_NOTIFY:
        return fake.notify_count > 0;
    case FAKE_ALARM:
        return fake.now.now_ms >= alarms[index];
    case FAKE_CHANNEL:
    case FAKE_CLOSED:
        break;
    }
    return false;
}

struct error os_dismissal_make(os_handle *out)
{
    *out = fake_handle(FAKE_DISMISSAL, 0);
    return ERROR_OK;
}

void os_dismiss(os_handle dismissal)
{
    fake_handle_index(dismissal);
    dismissed = true;
}

struct error os_alarm_make(os_handle *out)
{
    assert_true(alarm_count < ALARMS);
    alarms[alarm_count] = OS_FOREVER;
    *out = fake_handle(FAKE_ALARM, alarm_count++);
    return ERROR_OK;
}

void os_alarm_set(os_handle alarm, int64_t at_ms)
{
    if (alarm != OS_NO_HANDLE)
        alarms[fake_handle_index(alarm)] = at_ms;
}

static int64_t first_alarm(const os_handle *waited, size_t count, int64_t until_ms)
{
    for (size_t i = 0; i < count; i++)
        if (waited[i] != OS_NO_HANDLE && handles[waited[i]].kind == FAKE_ALARM &&
            alarms[handles[waited[i]].index] < until_ms)
            until_ms = alarms[handles[waited[i]].index];
    return until_ms;
}

/* ---- time ---- */

void fake_after(int64_t after_ms, fake_step *step, int64_t argument)
{
    assert_true(step_count < FAKE_STEPS);
    size_t at = step_count++;
    int64_t at_ms = fake.now.now_ms + after_ms;
    for (; at > 0 && steps[at - 1].at_ms > at_ms; at--)
        steps[at] = steps[at - 1];
    steps[at].at_ms = at_ms;
    steps[at].step = step;
    steps[at].argument = argument;
}

int64_t fake_passed_ms(void)
{
    return fake.now.now_ms - FAKE_BOOT_MS;
}

static void advance_to(int64_t ms)
{
    int64_t by = ms - fake.now.now_ms;
    fake.now.now_ms += by;
    fake.now.boot_ms += by;
    fake.now.wall_ms += by;
}

static void run_step(void)
{
    fake_step *step = steps[0].step;
    int64_t argument = steps[0].argument;
    if (steps[0].at_ms > fake.now.now_ms)
        advance_to(steps[0].at_ms);
    step_count--;
    memmove(steps, steps + 1, step_count * sizeof *steps);
    step(argument);
}

static uint32_t ready_of(const os_handle *waited, size_t count)
{
    uint32_t ready = 0;
    for (size_t i = 0; i < count; i++)
        if (waited[i] != OS_NO_HANDLE && is_ready(waited[i]))
            ready |= 1u << i;
    return ready;
}

static int64_t last_ms;
static size_t spins;

/* A guard that never lets time pass would turn for ever. */
static void check_spin(void)
{
    spins = last_ms == fake.now.now_ms ? spins + 1 : 0;
    last_ms = fake.now.now_ms;
    if (spins > SPINS_AT_MOST)
        fail_msg("the guard spins at %d ms", (int)fake_passed_ms());
}

static void oversleep(int64_t until_ms)
{
    int64_t end = until_ms + fake.oversleep_ms;
    fake.oversleep_ms = 0;
    while (step_count > 0 && steps[0].at_ms <= end)
        run_step();
    if (end > fake.now.now_ms)
        advance_to(end);
}

struct error os_wait(const os_handle *waited, size_t count, int64_t until_ms, uint32_t *ready)
{
    assert_true(count <= OS_WAIT_MAX);
    check_spin();
    fake.waits++;
    while ((*ready = ready_of(waited, count)) == 0) {
        if (fake.now.now_ms >= until_ms)
            return ERROR_OK;
        if (until_ms != OS_FOREVER && fake.oversleep_ms > 0) {
            oversleep(until_ms);
            *ready = ready_of(waited, count);
            return ERROR_OK;
        }
        int64_t next_ms = first_alarm(waited, count, until_ms);
        if (step_count > 0 && steps[0].at_ms <= next_ms)
            run_step();
        else if (next_ms != OS_FOREVER)
            advance_to(next_ms);
        else
            fail_msg("at %d ms the guard waits for ever", (int)fake_passed_ms());
    }
    return ERROR_OK;
}

void os_clock(struct clock_reading *out)
{
    *out = fake.now;
    out->now_us = fake.now.now_ms * 1000;
}

int64_t os_clock_coarse(void)
{
    return fake.now.now_ms;
}

void os_random(void *bytes, size_t count)
{
    static uint32_t seed = 1;
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525 + 1013904223;
        ((unsigned char *)bytes)[i] = (unsigned char)(seed >> 16);
    }
}

/* ---- steps ---- */

void fake_step_end(int64_t pid)
{
    fake_end((int32_t)pid);
}

void fake_step_signal(int64_t number)
{
    fake.signals[fake.signal_count++] = (struct os_signal){.number = (int)number, .sender = 1};
}

void fake_step_dismiss(int64_t unused)
{
    (void)unused;
    dismissed = true;
}

void fake_step_suspend(int64_t ms)
{
    fake.now.boot_ms += ms;
    fake.now.wall_ms += ms;
}

void fake_step_wall(int64_t ms)
{
    fake.now.wall_ms += ms;
}

/* ---- a test's begin and end ---- */

void fake_reset(void)
{
    fake = (struct fake){
        .now = {.now_ms = FAKE_BOOT_MS, .boot_ms = FAKE_BOOT_MS, .wall_ms = FAKE_WALL_MS},
        .self = FAKE_SELF,
        .own_limits = {BRAND_UNLIMITED, BRAND_UNLIMITED},
        .reaper = 1};
    step_count = handle_count = spins = alarm_count = 0;
    dismissed = false;
    fake_sources_reset();
    fake_processes_reset();
}
