#include "run/wrapper.h"

#include "base/moment.h"
#include "base/sink.h"
#include "plan/say.h"
#include "tree/arm.h"
#include "tree/births.h"
#include "tree/pact.h"

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
               "WATCHDOG_USEC=", wrapper->settings->plan.kill_delay_ms * 1000);
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

/* How long the namespace's init waits, in case the wrapper does not end what the command leaves. */
static int64_t linger_ms(const struct plan *plan)
{
    if (!plan->fall_on_exit)
        return INT64_MAX;
    return moment_after(moment_later(plan->grace_ms, plan->exit_grace_ms), PACT_PATIENCE_MS);
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
        .brand = wrapper->scope.brands.count > 0 ? &wrapper->scope.brands.list[0] : NULL,
        .own_group = !wrapper->foreground,
        .notify = settings->notify,
        .isolate = settings->isolate,
        .linger_ms = linger_ms(&settings->plan),
        .notices = wrapper->channel_far,
        .max_processes = (uint64_t)settings->max_processes,
    };
    struct error error = os_spawn_held(&spawn, &wrapper->child);
    if (error.code && !wrapper->child.failed && wrapper->scope.container.handle != OS_NO_HANDLE) {
        /* The cgroup takes no members (it is threaded, or a restrictive container refuses): go on
         * without it. */
        os_container_remove(&wrapper->scope.container);
        scope_unarmed(&wrapper->scope, os_container_route(),
                      "the new cgroup or job accepts no processes");
        *changed = true;
        error = os_spawn_held(&spawn, &wrapper->child);
    }
    return error;
}

static void adopt_ward(struct wrapper *wrapper)
{
    wrapper->scope.ward = wrapper->child.process;
    struct clock_reading now;
    os_clock(&now);
    wrapper->reaper.ward = wrapper->child.process.id.pid;
    wrapper->reaper.ward_since_ms = now.now_ms;
}

/* The ward is not reaped yet, so the number is still its own. */
void wrapper_identify_ward(struct wrapper *wrapper)
{
    struct process_row row = {0};
    if (!os_process_row(wrapper->reaper.ward, &row).code)
        wrapper->scope.ward.id = row.id;
}

static void arm_tree(struct wrapper *wrapper)
{
    unsigned without = wrapper->settings->plan.without;
    wrapper->scope.session = os_process_session();
    wrapper->scope.ward_leads = !wrapper->foreground;
    protected_add_id(&wrapper->scope.protected,
                     (struct process_identity){.pid = os_process_self()});
    arm_passive(&wrapper->scope, without);
    arm_brand(&wrapper->scope, without);
    arm_container(&wrapper->scope, without);
    if (wrapper->scope.keep.count > 0)
        os_container_spare(&wrapper->scope.container);
    arm_subreaper(&wrapper->scope, without);
    arm_wire(&wrapper->scope, without);
    arm_events(&wrapper->scope, without, &wrapper->watch.upkeep.events);
    births_open(&wrapper->scope, &wrapper->reserve_births);
    if (wrapper->scope.reaper == 0)
        births_open(&wrapper->scope, &wrapper->scope.lineage.births);
    if (wrapper->settings->isolate)
        scope_armed(&wrapper->scope, ROUTE_PIDNS);
    else
        scope_unarmed(&wrapper->scope, ROUTE_PIDNS, "not requested (--isolate)");
}

static void wire_ward(struct wrapper *wrapper)
{
    struct scope *scope = &wrapper->scope;
    if (!scope->wire)
        return;
    bool whole = scope->ward_leads && scope->keep.count == 0;
    const struct process_row ward = {.id.pid = scope->ward.id.pid, .group = scope->ward.id.pid};
    struct error error =
        whole ? os_wire_arm_group(scope->wire, &ward) : os_wire_arm_process(scope->wire, &ward);
    if (error.code)
        scope_unarmed(scope, ROUTE_WIRE, WIRE_REFUSED);
}

/* Starts the sentinel once the ward is known. One that was started before holds outdated facts. */
static struct error start_sentinel_again(struct wrapper *wrapper)
{
    struct channel_message stale;
    bool closed;
    wrapper_identify_ward(wrapper);
    wrapper_end_guards(wrapper);
    while (os_channel_read(wrapper->channel, &stale, &closed))
        ;
    return wrapper_begin_sentinel(wrapper);
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

static struct error watch_caller(struct wrapper *wrapper)
{
    const struct setting_caller *caller = &wrapper->settings->caller;
    switch (caller->choice) {
    case CALLER_PARENT:
        os_caller_watch_parent(&wrapper->caller);
        break;
    case CALLER_NONE:
        break;
    case CALLER_SESSION:
        return os_caller_watch_session(&wrapper->caller);
    case CALLER_PROCESS:
        wrapper->subject = caller->word;
        return os_caller_watch_process(caller->pid, &wrapper->caller);
    }
    return ERROR_OK;
}

static struct error cap_tree(struct wrapper *wrapper)
{
    int64_t count = wrapper->settings->max_processes;
    if (count == 0 || os_user() != 0)
        return ERROR_OK;
    return os_container_cap(&wrapper->scope.container, (uint64_t)count);
}

/* If nothing could find a daemon again, treefall promises nothing and refuses to start. */
static struct error check_sight(const struct scope *scope)
{
    struct error error = os_can_look_up();
    if (scope->brands.count > 0 || scope->container.handle != OS_NO_HANDLE || !error.code)
        return ERROR_OK;
    return error_make(ERROR_UNSUPPORTED, 0, "find the processes that the command will start",
                      error.advice);
}

struct error wrapper_arm(struct wrapper *wrapper)
{
    bool changed = false;
    struct error error = open_own_handles(wrapper);
    if (error.code)
        return error;
    wrapper->scope.pact = wrapper_make_pact();
    wrapper->scope.seat = SEAT_WRAPPER;
    wrapper_promise(wrapper);
    wrapper->subject = wrapper->settings->heartbeat;
    error = open_beats(wrapper);
    if (error.code)
        return error;
    wrapper->subject = NULL;
    error = wrapper_watch_input(wrapper);
    if (error.code)
        return error;
    error = watch_caller(wrapper);
    if (error.code)
        return error;
    wrapper->subject = NULL;
    arm_tree(wrapper);
    error = check_sight(&wrapper->scope);
    if (!error.code)
        error = cap_tree(wrapper);
    bool early = wrapper_sentinel_is_early(wrapper);
    if (!error.code && early)
        error = wrapper_begin_sentinel(wrapper);
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
    wrapper_tell_ward(wrapper);
    job_start(wrapper);
    error = wrapper_await_sentinel(wrapper);
    return error.code ? error : os_limits_suffice(OS_FILES_OF_A_FALL);
}

void wrapper_dismiss(struct wrapper *wrapper)
{
    if (wrapper->scope.wire)
        os_wire_disarm(wrapper->scope.wire);
    /* Cleared before the guards are dismissed: if we are killed now, they still tidy up. But the
     * handles that they wait for are closed only when they have exited. */
    os_container_clear(&wrapper->scope.container);
    beats_clear(&wrapper->watch.beats);
    wrapper_end_guards(wrapper);
    os_container_remove(&wrapper->scope.container);
    beats_close(&wrapper->watch.beats);
}
