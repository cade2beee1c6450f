#include "run/wrapper.h"

#include "cli/say.h"
#include "core/sink.h"
#include "guard/arm.h"
#include "guard/births.h"

#include <string.h>

#define ENVIRONMENT_MOST  4
#define ENVIRONMENT_BYTES 4200

/* "NAME=value", in a buffer that lives as long as the process. */
struct environment {
    const char *entries[ENVIRONMENT_MOST];
    size_t count;
    char heartbeat[ENVIRONMENT_BYTES];
    char socket[160];
    char watchdog[64];
};

static void put(struct environment *environment, char *buffer, const char *name, const char *value)
{
    strcpy(buffer, name);
    strcat(buffer, value);
    environment->entries[environment->count++] = buffer;
}

static void put_number(struct environment *environment, char *buffer, size_t capacity,
                       const char *name, int64_t number)
{
    struct sink sink = {.buffer = buffer, .capacity = capacity - 1};
    sink_text(&sink, name);
    sink_number(&sink, number);
    buffer[sink.used] = '\0';
    environment->entries[environment->count++] = buffer;
}

static void fill_environment(const struct wrapper *wrapper, struct environment *environment)
{
    const struct beats *beats = &wrapper->watch.beats;
    *environment = (struct environment){.count = 0};
    if (beats->source == BEATS_FILE)
        put(environment, environment->heartbeat, "TREEFALL_HEARTBEAT=", beats->file.path);
    if (beats->source != BEATS_NOTIFY)
        return;
    put(environment, environment->socket, "NOTIFY_SOCKET=", beats->notify.path);
    put_number(environment, environment->watchdog, sizeof environment->watchdog,
               "WATCHDOG_USEC=", wrapper->settings->kill_delay_ms * 1000);
}

static struct error open_beats(struct wrapper *wrapper)
{
    const struct run_settings *settings = wrapper->settings;
    struct beats *beats = &wrapper->watch.beats;
    if (settings->notify) {
        beats->source = BEATS_NOTIFY;
        return os_notify_open(&beats->notify);
    }
    if (!settings->heartbeat)
        return ERROR_OK;
    beats->source = BEATS_FILE;
    if (strcmp(settings->heartbeat, SETTINGS_HEARTBEAT_AUTO) == 0)
        return os_beat_file_make(&beats->file);
    return os_beat_file_open(settings->heartbeat, os_user(), &beats->file);
}

static struct error hold_ward(struct wrapper *wrapper, bool *changed)
{
    const struct run_settings *settings = wrapper->settings;
    struct environment environment;
    fill_environment(wrapper, &environment);
    struct os_spawn spawn = {
        .argv = settings->command,
        .environment = environment.entries,
        .container = &wrapper->scope.container,
        .brand = wrapper->scope.brand_count > 0 ? &wrapper->scope.brands[0] : NULL,
        .own_group = !settings->foreground,
        .notify = settings->notify,
        .isolate = settings->isolate,
        .wait_all = !settings->fall_on_exit,
        .notices = wrapper->channel_far,
        .max_processes = (uint64_t)settings->max_processes,
    };
    struct error error = os_spawn_held(&spawn, &wrapper->child);
    if (error.code && wrapper->scope.container.handle != OS_NO_HANDLE) {
        /* A cgroup that takes no members (threaded, or of a fussy container): go on without it. */
        os_container_remove(&wrapper->scope.container);
        scope_unarmed(&wrapper->scope, ROUTE_CGROUP, "the new cgroup takes no processes");
        *changed = true;
        error = os_spawn_held(&spawn, &wrapper->child);
    }
    return error;
}

static void adopt_ward(struct wrapper *wrapper)
{
    wrapper->scope.ward = wrapper->child.process;
    wrapper->reaper.ward = wrapper->child.process.id.pid;
}

/* Not reaped yet, so the number is still the ward's. */
void wrapper_identify_ward(struct wrapper *wrapper)
{
    struct process_row row = {0};
    if (!os_process_row(wrapper->reaper.ward, &row).code)
        wrapper->scope.ward.id.start = row.id.start;
}

static void arm_tree(struct wrapper *wrapper)
{
    unsigned without = wrapper->settings->without;
    wrapper->scope.session = os_process_session();
    wrapper->scope.ward_leads = !wrapper->settings->foreground;
    scope_spare(&wrapper->scope, os_process_self());
    arm_passive(&wrapper->scope, without);
    arm_brand(&wrapper->scope, without);
    arm_container(&wrapper->scope, without);
    arm_subreaper(&wrapper->scope, without);
    arm_wire(&wrapper->scope, without);
    arm_events(&wrapper->scope, without, &wrapper->watch.events);
    births_open(&wrapper->scope, &wrapper->reserve_births);
    if (wrapper->scope.reaper == 0)
        births_open(&wrapper->scope, &wrapper->scope.births);
    if (wrapper->settings->isolate)
        scope_armed(&wrapper->scope, ROUTE_PIDNS);
    else
        scope_unarmed(&wrapper->scope, ROUTE_PIDNS, "not asked for (--isolate)");
}

static void wire_ward(struct wrapper *wrapper)
{
    struct scope *scope = &wrapper->scope;
    if (!scope->wire)
        return;
    bool whole = scope->ward_leads && scope->keep_count == 0;
    const struct process_row ward = {.id.pid = scope->ward.id.pid, .group = scope->ward.id.pid};
    struct error error =
        whole ? os_wire_arm_group(scope->wire, &ward) : os_wire_arm_process(scope->wire, &ward);
    if (error.code)
        scope_unarmed(scope, ROUTE_WIRE, WIRE_REFUSED);
}

/* Runs in the sentinel when it had to fell the tree itself: the wrapper is dead or hangs. */
static void sentinel_fell(void *context, enum trigger trigger, bool complete)
{
    struct wrapper *wrapper = context;
    /* Its last holder's end would still kill who was kept. */
    if (complete && wrapper->scope.wire)
        os_wire_disarm(wrapper->scope.wire);
    outcome_report(wrapper, &wrapper->watch.ledger, trigger, complete, "sentinel");
    os_container_remove(&wrapper->scope.container);
    beats_close(&wrapper->watch.beats);
}

/* The reserve does nothing but wait until wrapper and sentinel are both lost: two kills right after
 * one another are quicker than any replacement, and the wire knows only what the sentinel last saw.
 */
static int reserve_body(void *context)
{
    struct wrapper *wrapper = context;
    os_handle handles[] = {wrapper->watch.dismissal, wrapper->self.handle, wrapper->sentinel.handle,
                           wrapper->reserve_births};
    uint32_t ready;
    /* At once: a kill of the wrapper's whole group must leave somebody. */
    os_session_own();
    scope_spare(&wrapper->scope, os_process_self());
    wrapper->scope.births = wrapper->reserve_births;
    while (handles[1] != OS_NO_HANDLE || handles[2] != OS_NO_HANDLE) {
        if (os_wait(handles, 4, OS_FOREVER, &ready).code || ready & 1)
            return 0;
        if (ready & 1u << 3)
            births_read(&wrapper->scope);
        for (int i = 1; i < 3; i++)
            if (ready & 1u << i)
                handles[i] = OS_NO_HANDLE;
    }
    sentinel_replace(&wrapper->watch);
    return 0;
}

static void tell_reserve(struct wrapper *wrapper)
{
    struct channel_message message = {MESSAGE_RESERVE, (uint32_t)wrapper->reserve.id.pid, 0};
    scope_spare(&wrapper->scope, wrapper->reserve.id.pid);
    os_channel_send(wrapper->watch.channel, &message);
}

static void start_reserve(struct wrapper *wrapper)
{
    uint32_t ready = 0;
    /* A command that is over already needs none. */
    if (os_wait(&wrapper->watch.dismissal, 1, 0, &ready).code || ready != 0)
        return;
    if (!os_process_watch(os_process_self(), &wrapper->sentinel).code &&
        !os_fork_guard("treefall-reserve", reserve_body, wrapper, &wrapper->reserve).code)
        tell_reserve(wrapper);
}

/* While the command starts: in its way nobody would wait for this. */
static void attested(void *context)
{
    struct wrapper *wrapper = context;
    start_reserve(wrapper);
    if (wrapper->scope.container.handle != OS_NO_HANDLE)
        os_container_prune(&wrapper->scope.container);
}

/* What takes its time comes when a command that is over at once is over: the session of its own
 * (till then it is in ours, deaf to all signals but SIGKILL as we are), and the trial of what the
 * report says of the wire. */
static void settle(void *context)
{
    struct wrapper *wrapper = context;
    struct channel_message message = {.kind = MESSAGE_UNWIRED};
    os_session_own();
    if (!wrapper->scope.wire || !os_wire_prove(wrapper->scope.wire).code)
        return;
    scope_unarmed(&wrapper->scope, ROUTE_WIRE, WIRE_UNPROVEN);
    os_channel_send(wrapper->watch.channel, &message);
}

static int sentinel_body(void *context)
{
    struct wrapper *wrapper = context;
    wrapper->scope.reaper = 0;
    scope_spare(&wrapper->scope, os_process_self());
    int status = sentinel_run(&wrapper->watch);
    os_dismiss(wrapper->watch.dismissal);
    os_guard_reap(&wrapper->reserve);
    return status;
}

/* Nothing runs before the sentinel has said, from its own process, that it watches. */
static struct error await_attestation(struct wrapper *wrapper)
{
    os_handle handles[] = {wrapper->channel, wrapper->sentinel.handle};
    struct channel_message message;
    uint32_t ready;
    bool closed;
    struct error error = os_wait(handles, 2, OS_FOREVER, &ready);
    if (error.code || os_channel_read(wrapper->channel, &message, &closed))
        return error;
    return error_make(ERROR_SYSTEM, 0, "start the sentinel", "it was killed before it could watch");
}

static struct error fork_sentinel(struct wrapper *wrapper)
{
    const struct run_settings *settings = wrapper->settings;
    struct sentinel *watch = &wrapper->watch;
    struct error error = os_dismissal_make(&watch->dismissal);
    if (error.code)
        return error;
    watch->wrapper = wrapper->self;
    watch->channel = wrapper->channel_far;
    watch->kill_delay_ms = settings->kill_delay_ms;
    watch->startup_grace_ms = settings->startup_grace_ms;
    watch->hold_when_stopped = settings->hold_when_stopped;
    if (watch->beats.source == BEATS_FILE && !watch->beats.file.ours)
        watch->ward_began_ms = wrapper->started.now_ms;
    watch->closing_ms = settings->grace_ms;
    watch->fallen = sentinel_fell;
    watch->attested = attested;
    watch->settled = settle;
    watch->context = wrapper;
    ledger_init(&watch->ledger, settings->reports.count > 0);
    error = os_fork_guard("treefall-sentinel", sentinel_body, wrapper, &wrapper->sentinel);
    if (!error.code)
        scope_spare(&wrapper->scope, wrapper->sentinel.id.pid);
    return error;
}

struct error wrapper_start_sentinel(struct wrapper *wrapper)
{
    struct error error = fork_sentinel(wrapper);
    return error.code ? error : await_attestation(wrapper);
}

/* With the ward known. A sentinel that was started before holds what is not so any more. */
static struct error start_sentinel_again(struct wrapper *wrapper)
{
    struct channel_message stale;
    bool closed;
    wrapper_identify_ward(wrapper);
    wrapper_end_guards(wrapper);
    while (os_channel_read(wrapper->channel, &stale, &closed))
        ;
    return fork_sentinel(wrapper);
}

static void tell_ward(struct wrapper *wrapper)
{
    const struct os_process *ward = &wrapper->scope.ward;
    struct channel_message message = {MESSAGE_WARD, (uint32_t)ward->id.pid, ward->handle};
    os_channel_send(wrapper->channel, &message);
}

static struct error open_own_handles(struct wrapper *wrapper)
{
    os_handle ends[2];
    struct error error = os_signals_take(&wrapper->signals);
    if (!error.code)
        error = os_process_self_open(&wrapper->self);
    if (!error.code)
        error = os_channel_open(ends);
    if (error.code)
        return error;
    wrapper->channel = ends[0];
    wrapper->channel_far = ends[1];
    return ERROR_OK;
}

/* The number may have passed to another between asking for it and opening it: ask again. */
static void watch_caller(struct wrapper *wrapper)
{
    int32_t caller = os_process_parent();
    if (wrapper->settings->caller_death == CALLER_DEATH_IGNORE || caller <= 0)
        return;
    if (os_process_watch(caller, &wrapper->caller).code || os_process_parent() != caller)
        os_process_close(&wrapper->caller);
}

static struct error cap_tree(struct wrapper *wrapper)
{
    int64_t count = wrapper->settings->max_processes;
    if (count == 0 || os_user() != 0)
        return ERROR_OK;
    return os_container_cap(&wrapper->scope.container, (uint64_t)count);
}

/* Where nothing could find a daemon again, nothing is promised. */
static struct error check_sight(const struct scope *scope)
{
    struct process_row own = {0};
    if (scope->brand_count > 0 || scope->container.handle != OS_NO_HANDLE ||
        !os_process_row(os_process_self(), &own).code)
        return ERROR_OK;
    return error_make(ERROR_UNSUPPORTED, 0, "find the processes that the command will start",
                      "mount procfs on /proc");
}

struct error wrapper_arm(struct wrapper *wrapper)
{
    bool changed = false;
    struct error error = open_own_handles(wrapper);
    if (error.code)
        return error;
    wrapper->subject = wrapper->settings->heartbeat;
    error = open_beats(wrapper);
    if (error.code)
        return error;
    wrapper->subject = NULL;
    watch_caller(wrapper);
    arm_tree(wrapper);
    error = check_sight(&wrapper->scope);
    if (!error.code)
        error = cap_tree(wrapper);
    /* It comes up while the command's process is made; but where it is to hear of every birth it
     * must know the ward first. */
    bool early = !births_are_needed(&wrapper->scope);
    if (!error.code && early)
        error = fork_sentinel(wrapper);
    if (!error.code)
        error = hold_ward(wrapper, &changed);
    if (error.code)
        return error;
    adopt_ward(wrapper);
    changed |= arm_brand_settle(&wrapper->scope);
    if (changed || !early)
        error = start_sentinel_again(wrapper);
    if (error.code)
        return error;
    wire_ward(wrapper);
    tell_ward(wrapper);
    job_start(wrapper);
    return await_attestation(wrapper);
}

void wrapper_end_guards(struct wrapper *wrapper)
{
    os_dismiss(wrapper->watch.dismissal);
    os_guard_reap(&wrapper->sentinel);
    /* The sentinel's child; ours if the sentinel was killed. */
    os_guard_reap(&wrapper->reserve);
    os_handle_close(&wrapper->watch.dismissal);
}

void wrapper_dismiss(struct wrapper *wrapper)
{
    /* They end while we tidy up. */
    os_dismiss(wrapper->watch.dismissal);
    if (wrapper->scope.wire)
        os_wire_disarm(wrapper->scope.wire);
    os_container_remove(&wrapper->scope.container);
    beats_close(&wrapper->watch.beats);
    wrapper_end_guards(wrapper);
}
