/* treefall-sentinel: started by the library, outside of everything that belongs to its ward. */
#include "base/status.h"
#include "plan/order.h"
#include "report/publish.h"
#include "sentinel/sentinel.h"
#include "sentinel/standby.h"
#include "tree/arm.h"
#include "tree/attach.h"
#include "tree/keep.h"
#include "tree/lookout.h"
#include "version.h"

#include <string.h>

#define DEBUGGER_GONE "the debugger that suspended it"

struct service {
    struct scope scope;
    struct sentinel sentinel;
    struct order order;
    struct order_led led;
    struct attestation attestation;
    const char *reports[ORDER_REPORTS];
    size_t report_count;
    const char *keep[ORDER_KEEP];
    os_handle scratch;
    struct os_process primary;   /* the guard that we stand by for; no handle = none */
    os_handle partner_dismissal; /* of the guard that stands by for us */
    struct clock_reading started;
};

/* A survivor may still need the folder. */
static bool remove_scratch(const struct service *service, bool complete)
{
    const char *path = service->order.scratch;
    return path[0] == '\0' || (complete && os_scratch_remove(path, service->scratch));
}

static void fallen(void *context, enum trigger trigger, bool complete)
{
    struct service *service = context;
    struct ledger *ledger = &service->sentinel.ledger;
    struct report report = {
        .command = service->led.command[0] ? service->led.command : service->scope.ward_name,
        .ward = service->scope.ward.id,
        .ward_exited = os_process_ended(&service->scope.ward),
        .ward_status = REPORT_STATUS_UNKNOWN,
        .exit_status = complete ? STATUS_DONE : STATUS_FAILURE,
        .trigger = trigger,
        .trigger_detail = trigger == TRIGGER_CALLER_DEAD ? DEBUGGER_GONE : NULL,
        .written_by = "sentinel",
        .guarantee = service->scope.guarantee,
        .scratch_left = remove_scratch(service, complete) ? NULL : service->order.scratch,
    };
    ledger_tell_times(ledger, &service->started, &report);
    publish_report(&report, ledger, service->reports, service->report_count, NULL);
    beats_close(&service->sentinel.beats);
}

static bool receive(void *message, size_t size, bool *closed)
{
    os_handle channel = ORDER_CHANNEL;
    uint32_t ready;
    return !os_wait(&channel, 1, OS_FOREVER, &ready).code &&
           os_channel_receive(channel, message, size, closed);
}

/* A library of another version is answered with our version. */
static bool receive_order(struct service *service)
{
    static const uint32_t version = ORDER_VERSION;
    struct order *order = &service->order;
    bool closed = true;
    if (receive(order, sizeof *order, &closed) && order->version == ORDER_VERSION)
        return !order->led || receive(&service->led, sizeof service->led, &closed);
    if (!closed)
        os_channel_transmit(ORDER_CHANNEL, &version, sizeof version);
    return false;
}

/* Returns the next word of the order and moves `at` behind it. */
static const char *take_word(const struct order_led *led, size_t *at)
{
    const char *word = *at < ORDER_WORDS_BYTES ? led->words + *at : "";
    *at += strnlen(word, ORDER_WORDS_BYTES - *at) + 1;
    return word;
}

static void read_led(struct service *service)
{
    const struct order_led *led = &service->led;
    size_t at = 0;
    size_t keep_count = 0;
    for (size_t i = 0; i < led->report_count && i < ORDER_REPORTS; i++)
        service->reports[service->report_count++] = take_word(led, &at);
    for (size_t i = 0; i < led->keep_count && i < ORDER_KEEP; i++)
        service->keep[keep_count++] = take_word(led, &at);
    keep_begin(&service->scope, service->keep, keep_count);
}

static uint32_t armed_routes(const struct guarantee *guarantee)
{
    uint32_t armed = 0;
    for (int route = 0; route < ROUTE_COUNT; route++)
        armed |= (uint32_t)guarantee->routes[route].armed << route;
    return armed;
}

/* Our parent is not a member. As a member it would be in the report, and its death would make us
 * the ward's child. */
static void know_guards(struct service *service)
{
    if (service->order.parent.pid != 0)
        protected_add_id(&service->scope.protected, service->order.parent);
    for (size_t i = 0; i < ORDER_SIBLINGS; i++)
        if (service->order.siblings[i].pid != 0)
            protected_add_sibling(&service->scope.protected, service->order.siblings[i]);
}

static struct error open_page(struct sentinel *sentinel)
{
    sentinel->beats.source = BEATS_PAGE;
    sentinel->beats.nudge = ORDER_NUDGE;
    return os_beat_page_map(ORDER_PAGE, &sentinel->beats.page);
}

static bool has_wrapper(const struct service *service)
{
    return service->order.led && service->led.wrapper.pid != 0;
}

/* The wrapper's death is handled here, the ward's is handled by the wrapper. */
static struct error follow_wrapper(struct service *service)
{
    service->sentinel.channel = ORDER_CHANNEL;
    protected_add_id(&service->scope.protected, service->led.wrapper);
    return os_process_open(service->led.wrapper, &service->sentinel.wrapper);
}

/* A primary that is already dead has made us the primary. */
static struct error follow_primary(struct service *service)
{
    struct error error = os_process_open(service->led.primary, &service->primary);
    if (error.code == ERROR_GONE)
        return ERROR_OK;
    protected_add_id(&service->scope.protected, service->led.primary);
    return error;
}

static struct error follow(struct service *service)
{
    const struct order_led *led = &service->led;
    struct sentinel *sentinel = &service->sentinel;
    struct error error = has_wrapper(service) ? follow_wrapper(service) : ERROR_OK;
    if (!error.code && led->primary.pid != 0)
        error = follow_primary(service);
    sentinel->ward_began_ms = led->ward_began_ms;
    if (error.code || led->heartbeat[0] == '\0')
        return error;
    sentinel->beats.source = BEATS_FILE;
    error = os_beat_file_open(led->heartbeat, os_user(), &sentinel->beats.file);
    sentinel->beats.file.ours = led->is_file_ours;
    return error;
}

static struct error arm(struct service *service)
{
    struct scope *scope = &service->scope;
    struct sentinel *sentinel = &service->sentinel;
    struct process_row row = {0};
    struct error error = os_process_open(service->order.ward, &scope->ward);
    if (error.code)
        return error;
    if (!os_process_row(scope->ward.id.pid, &row).code)
        scope_meet_ward(scope, &row);
    know_guards(service);
    arm_passive(scope, service->order.plan.without);
    scope->brands.list[0] = service->order.brand;
    attach_tree(scope, service->order.plan.without);
    if (service->order.enclosed) {
        scope->container.handle = ORDER_CONTAINER;
        scope_armed(scope, os_container_route());
    }
    scope->guarantee.escape = service->order.escape;
    arm_events(scope, service->order.plan.without, &sentinel->upkeep.events);
    lookout_refresh(scope);
    return service->order.led ? follow(service) : open_page(sentinel);
}

/* Everything that can fail comes before the ward is touched. */
static struct error prepare(struct service *service, bool *report_failed)
{
    os_handle signals;
    const char *scratch = service->order.scratch;
    struct error error = os_can_signal();
    if (!error.code)
        error = os_limits_suffice(OS_FILES_OF_A_FALL);
    if (!error.code)
        error = os_signals_take(&signals);
    /* The library proved that the folder exists. A later sentinel may find it gone, as it may be at
     * a kill. */
    if (scratch[0] == '\0' || os_scratch_open(scratch, false, &service->scratch).code)
        service->scratch = OS_NO_HANDLE;
    if (error.code || service->order.report[0] == '\0')
        return error;
    service->reports[service->report_count++] = service->order.report;
    error = publish_check(service->order.report);
    *report_failed = error.code != ERROR_NONE;
    return error;
}

/* Returns whether the library received the attestation. */
static bool attest(struct service *service)
{
    struct attestation *attestation = &service->attestation;
    struct process_row own = {0};
    attestation->confined = service->order.escape == ESCAPE_NONE;
    attestation->armed = armed_routes(&service->scope.guarantee);
    os_process_row(os_process_self(), &own);
    attestation->self = own.id;
    attestation->self.pid = os_process_self();
    if (service->scope.brands.count > 0)
        attestation->brand = service->scope.brands.list[0];
    return os_channel_transmit(ORDER_CHANNEL, attestation, sizeof *attestation);
}

/* The process that started us may already be dead: the watch handles that. */
static void attest_alone(void *context)
{
    attest(context);
}

/* ---- the pair, where no wrapper is the other guard ---- */

static bool is_paired(const struct service *service)
{
    return service->order.led && !has_wrapper(service);
}

/* A dead ward needs no partner: the kill comes first. */
static void start_partner(void *context)
{
    struct service *service = context;
    struct scope *scope = &service->scope;
    struct os_process *partner = &service->sentinel.partner;
    protected_remove(&scope->protected, partner->id.pid);
    if (!os_process_ended(&scope->ward) &&
        !standby_start(&service->order, &service->led, &service->partner_dismissal, partner).code)
        protected_add(&scope->protected, partner->id.pid);
}

static void end_partner(struct service *service)
{
    os_dismiss(service->partner_dismissal);
    os_guard_reap(&service->sentinel.partner);
}

/* Called once the pair is complete. If the attestation cannot be delivered, the caller has timed
 * out and does not know this guard: exit. */
static void attest_as_pair(void *context)
{
    struct service *service = context;
    start_partner(service);
    if (!attest(service))
        service->sentinel.state = STATE_DONE;
}

/* False when this guard is no longer needed. */
static bool stand_by(struct service *service)
{
    struct sentinel *sentinel = &service->sentinel;
    attest(service);
    sentinel->calls.attested = start_partner;
    return service->primary.handle == OS_NO_HANDLE ||
           standby_await_turn(&service->scope, sentinel->dismissal, &service->primary,
                              sentinel->plan.kill_delay_ms);
}

static int serve(struct service *service)
{
    struct sentinel *sentinel = &service->sentinel;
    if (service->led.primary.pid != 0 && !stand_by(service))
        return 0;
    int status = sentinel_run(sentinel);
    if (status == 0) /* otherwise our exit calls the partner */
        end_partner(service);
    return status;
}

/* False when arming failed; the reason was sent. */
static bool get_ready(struct service *service)
{
    struct attestation *attestation = &service->attestation;
    attestation->version = ORDER_VERSION;
    struct error error = prepare(service, &attestation->report_failed);
    if (!error.code)
        error = arm(service);
    if (!error.code)
        error = os_limits_suffice(OS_FILES_OF_A_FALL);
    attestation->code = error.code;
    attestation->os_code = error.os_code;
    if (error.code)
        os_channel_transmit(ORDER_CHANNEL, attestation, sizeof *attestation);
    return !error.code;
}

static void configure(struct service *service)
{
    struct sentinel *sentinel = &service->sentinel;
    sentinel->dismissal = ORDER_DISMISSAL;
    sentinel_follow(sentinel, &service->order.plan);
    sentinel->leads = !has_wrapper(service);
    sentinel->alarm = service->order.led ? OS_NO_HANDLE : ORDER_ALARM;
    sentinel->calls.attested = is_paired(service) ? attest_as_pair : attest_alone;
    sentinel->calls.fallen = fallen;
    sentinel->calls.partner_lost = is_paired(service) ? start_partner : NULL;
    sentinel->calls.settled = sentinel_tidy;
    sentinel->calls.context = service;
    ledger_init(&sentinel->ledger, service->report_count > 0);
}

int main(int argc, char **argv)
{
    static struct service service;
    (void)argv;
    if (os_streams_hold().code)
        return STATUS_FAILURE;
    os_limits_raise();
    if (argc > 1 || !receive_order(&service)) {
        os_print(2, "treefall-sentinel " TREEFALL_VERSION
                    ": only treefall itself starts this program; use treefall watch\n");
        return STATUS_FAILURE;
    }
    os_clock(&service.started);
    service.primary.handle = service.partner_dismissal = OS_NO_HANDLE;
    scope_init(&service.scope);
    protected_add(&service.scope.protected, os_process_self());
    sentinel_init(&service.sentinel, &service.scope);
    read_led(&service);
    os_detach(ORDER_HANDLES_END);
    if (!get_ready(&service))
        return STATUS_FAILURE;
    configure(&service);
    return serve(&service);
}
