/* The scripted OS: where beats, signals and events come from, and where messages, reports and the
 * wire go. */
#include "fake_os.h"

#include "base/sink.h"
#include "fake_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define EVENTS 64
#define WIRED  64

static struct {
    enum os_event_kind kind;
    struct os_event event;
} events[EVENTS];
static size_t event_count;

static struct wired {
    bool group;
    int32_t pid;
    uint32_t look;
} wired[WIRED];
static size_t wired_count;
static uint32_t looks;

void fake_sources_reset(void)
{
    event_count = wired_count = 0;
    looks = 0;
}

/* ---- beats ---- */

void fake_step_beat(int64_t unused)
{
    (void)unused;
    fake.beat = (struct beat_observation){.kind = BEAT_STAMP,
                                          .stamp = fake.beat.stamp + 1,
                                          .wall_ms = fake.now.wall_ms,
                                          .changed_ms = fake.now.wall_ms};
    if (fake.page)
        fake.page->beat_ms = fake.now.now_ms;
}

/* The scripted nudge is the page's owner's own: it says nothing by itself. */
bool os_nudge_hear(os_handle nudge)
{
    return nudge != OS_NO_HANDLE;
}

void fake_step_lose(int64_t unused)
{
    (void)unused;
    fake.beat.kind = BEAT_LOST;
    fake.beat_stirred = true;
}

int32_t os_pid_file_read(const char *path)
{
    (void)path;
    return fake.pid_in_file;
}

struct error os_path_absolute(const char *path, char *out, size_t capacity)
{
    strncpy(out, path, capacity - 1);
    return ERROR_OK;
}

void os_leftovers_remove(void)
{
}

struct error os_beat_file_open(const char *path, uint32_t ward_uid, struct os_beat_file *out)
{
    (void)path;
    (void)ward_uid;
    if (!fake.beat_error.code)
        out->watch = fake_handle(FAKE_BEAT_WATCH, 0);
    return fake.beat_error;
}

void os_beat_file_admit(struct os_beat_file *file, const uint32_t *users, size_t count)
{
    (void)file;
    (void)users;
    (void)count;
}

struct error os_beat_file_look(struct os_beat_file *file, struct beat_observation *out)
{
    fake_handle_index(file->watch);
    fake.beat_stirred = false;
    *out = fake.beat;
    return ERROR_OK;
}

void os_beat_file_clear(struct os_beat_file *file)
{
    (void)file;
}

void os_notify_clear(struct os_notify *notify)
{
    (void)notify;
}

void os_beat_file_close(struct os_beat_file *file)
{
    os_handle_close(&file->watch);
}

void fake_step_notify(int64_t text)
{
    fake.notify.sender = FAKE_WARD;
    strcpy(fake.notify.text, (const char *)(intptr_t)text);
    fake.notify_count++;
}

struct error os_notify_open(struct os_notify *out)
{
    out->socket = fake_handle(FAKE_NOTIFY, 0);
    return ERROR_OK;
}

bool os_notify_read(struct os_notify *notify, struct notify_message *out)
{
    fake_handle_index(notify->socket);
    if (fake.notify_count == 0)
        return false;
    fake.notify_count--;
    *out = fake.notify;
    return true;
}

void os_notify_close(struct os_notify *notify)
{
    os_handle_close(&notify->socket);
}

/* ---- signals that come to us ---- */

struct error os_signals_take(os_handle *out)
{
    *out = fake_signals();
    return ERROR_OK;
}

bool os_signals_read(os_handle handle, struct os_signal *out)
{
    if (handle == OS_NO_HANDLE || fake.signal_count == 0)
        return false;
    *out = fake.signals[0];
    fake.signal_count--;
    memmove(fake.signals, fake.signals + 1, fake.signal_count * sizeof *fake.signals);
    return true;
}

enum os_signal_class os_signal_class(int number)
{
    switch (number) {
    case FAKE_TERM:
    case FAKE_INT:
        return SIGNAL_STOP;
    case FAKE_HUP:
        return SIGNAL_HANGUP;
    case FAKE_CHILD:
        return SIGNAL_CHILD;
    case FAKE_CONT:
        return SIGNAL_CONTINUE;
    default:
        return SIGNAL_FORWARD;
    }
}

/* ---- events of the kernel's ---- */

void fake_tell(enum os_event_kind kind, int32_t pid, int32_t parent)
{
    assert_true(event_count < EVENTS);
    events[event_count].kind = kind;
    events[event_count++].event = (struct os_event){kind, pid, parent, fake_latest_start()};
}

bool fake_events_pending(size_t kind)
{
    for (size_t i = 0; i < event_count; i++)
        if (events[i].kind == (enum os_event_kind)kind)
            return true;
    return fake.events_lost;
}

struct error os_events_watch(enum os_event_kind kind, os_handle *out)
{
    if (fake.no_events)
        return error_make(ERROR_UNSUPPORTED, 0, "join the process events", NULL);
    *out = fake_handle(FAKE_EVENTS, (size_t)kind);
    return ERROR_OK;
}

struct error os_events_prove(void)
{
    return ERROR_OK;
}

enum os_events_left os_events_read(os_handle handle, os_event_told *told, void *context)
{
    size_t kind = fake_handle_index(handle);
    enum os_events_left left = fake.events_lost ? OS_EVENTS_LOST : OS_EVENTS_NONE;
    fake_race(BEFORE_EVENTS, 0);
    fake.events_lost = false;
    for (size_t i = 0; i < event_count;) {
        if (events[i].kind != (enum os_event_kind)kind) {
            i++;
            continue;
        }
        struct os_event event = events[i].event;
        memmove(events + i, events + i + 1, (--event_count - i) * sizeof *events);
        told(context, &event);
    }
    return left;
}

/* ---- the wire ---- */

static bool is_innocent(int32_t pid, bool group)
{
    for (int32_t at = 1; at < 1000; at++) {
        const struct fake_process *process = fake_find(at);
        if (process && !process->ours && process->row.state != PROCESS_DEAD &&
            (group ? process->row.group == pid : at == pid))
            return true;
    }
    return false;
}

void fake_wire_check(void)
{
    for (size_t i = 0; i < wired_count && !fake.wire_disarmed; i++)
        if (is_innocent(wired[i].pid, wired[i].group))
            fail_msg("the wire would kill an innocent in %d", wired[i].pid);
}

static struct error arm(int32_t pid, bool group)
{
    if (is_innocent(pid, group))
        fail_msg("the wire was armed for %d, where an innocent is", pid);
    for (size_t i = 0; i < wired_count; i++)
        if (wired[i].pid == pid && wired[i].group == group) {
            wired[i].look = looks;
            return ERROR_OK;
        }
    assert_true(wired_count < WIRED);
    wired[wired_count++] = (struct wired){group, pid, looks};
    return ERROR_OK;
}

bool fake_is_wired(int32_t pid)
{
    const struct fake_process *process = fake_find(pid);
    for (size_t i = 0; i < wired_count; i++)
        if (process && wired[i].pid == (wired[i].group ? process->row.group : pid))
            return true;
    return false;
}

struct error os_wire_open(struct os_wire **out)
{
    static char wire;
    fake.wire_open = true;
    *out = (struct os_wire *)&wire;
    return ERROR_OK;
}

struct error os_wire_prove(struct os_wire *wire)
{
    (void)wire;
    return ERROR_OK;
}

struct error os_wire_arm_group(struct os_wire *wire, const struct process_row *witness)
{
    (void)wire;
    return arm(witness->group, true);
}

struct error os_wire_arm_process(struct os_wire *wire, const struct process_row *witness)
{
    (void)wire;
    return arm(witness->id.pid, false);
}

uint32_t os_wire_look(struct os_wire *wire)
{
    (void)wire;
    return ++looks;
}

void os_wire_sweep(struct os_wire *wire, uint32_t look)
{
    size_t kept = 0;
    (void)wire;
    fake.wire_sweeps++;
    for (size_t i = 0; i < wired_count; i++)
        if (wired[i].look >= look)
            wired[kept++] = wired[i];
    wired_count = kept;
}

size_t os_wire_armed(const struct os_wire *wire)
{
    (void)wire;
    return wired_count;
}

size_t os_wire_missed(const struct os_wire *wire)
{
    (void)wire;
    return 0;
}

size_t os_wire_room(const struct os_wire *wire)
{
    (void)wire;
    return SIZE_MAX;
}

struct error os_limits_suffice(size_t count)
{
    (void)count;
    return ERROR_OK;
}

void os_wire_disarm(struct os_wire *wire)
{
    (void)wire;
    fake.wire_disarmed = true;
}

/* ---- guards ---- */

struct error os_fork_guard(const char *name, int (*body)(void *context), void *context,
                           struct os_process *out)
{
    (void)name;
    if (fake.forks_refused > 0) {
        fake.forks_refused--;
        return error_make(ERROR_SYSTEM, 11, "start a guard", NULL);
    }
    fake.guards_forked++;
    fake.guard_body = body;
    fake.guard_context = context;
    fake.guard_pid = fake.self + (int32_t)fake.guards_forked;
    fake_add(fake.guard_pid, fake.self);
    *out = (struct os_process){{fake.guard_pid, 0}, fake_handle_of(fake.guard_pid)};
    return ERROR_OK;
}

void os_session_own(void)
{
}

void os_leave_folder(void)
{
}

void os_guard_reap(struct os_process *guard)
{
    if (guard->handle == OS_NO_HANDLE)
        return;
    fake_end(guard->id.pid);
    fake_find(guard->id.pid)->reaped = true;
    os_handle_close(&guard->handle);
}

bool os_channel_send(os_handle channel, const struct channel_message *message)
{
    (void)channel;
    if (fake.channel_full)
        return false;
    fake.said[message->kind]++;
    fake.said_detail[message->kind] = message->detail;
    return true;
}

bool os_channel_read(os_handle channel, struct channel_message *out, bool *closed)
{
    bool waits = fake.told.kind != 0;
    (void)channel;
    *closed = false;
    *out = fake.told;
    fake.told.kind = 0;
    return waits;
}

/* ---- files and memory ---- */

static bool keep_report(void *context, const char *bytes, size_t count)
{
    (void)context;
    assert_true(fake.report_bytes + count < sizeof fake.report);
    memcpy(fake.report + fake.report_bytes, bytes, count);
    fake.report_bytes += count;
    return true;
}

struct error os_file_replace(const char *path, void (*write)(void *context, struct sink *sink),
                             void *context)
{
    char buffer[512];
    struct sink sink = {.flush = keep_report, .buffer = buffer, .capacity = sizeof buffer};
    (void)path;
    fake.report_bytes = 0;
    write(context, &sink);
    sink_finish(&sink);
    fake.report[fake.report_bytes] = '\0';
    return ERROR_OK;
}

struct error os_file_writable(const char *path)
{
    (void)path;
    return ERROR_OK;
}

void *os_pages(size_t bytes)
{
    return fake.no_memory ? NULL : calloc(1, bytes);
}

void *os_pages_shared(size_t bytes)
{
    return os_pages(bytes);
}

void os_pages_free(void *pages, size_t bytes)
{
    (void)bytes;
    free(pages);
}
