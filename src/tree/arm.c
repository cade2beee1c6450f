#include "tree/arm.h"

#include "tree/births.h"

#define CLASHES_AT_MOST 64
#define ALL_TAKEN       "every brand at this level of nesting is in use"

static bool is_off(struct scope *scope, enum route route, unsigned without)
{
    if (!(without & 1u << route))
        return false;
    scope_unarmed(scope, route, "switched off by --without");
    return true;
}

static uint64_t random_number(void)
{
    uint64_t number;
    os_random(&number, sizeof number);
    return number;
}

const char *arm_brand_refusal(struct brand_pair present)
{
    struct brand brand;
    if (brand_read(present, &brand) == BRAND_FOREIGN)
        return "a limit of file locks is already set (ulimit -x, LimitLOCKS, --ulimit locks)";
    return brand.level == BRAND_LEVELS ? "eight guards are already nested" : ALL_TAKEN;
}

struct clash {
    const struct brand *brand;
    int32_t ward;
    bool found;
};

static void look_for_clash(void *context, const struct process_row *row)
{
    struct clash *clash = context;
    if (row->id.pid != clash->ward && row->user_known && row->user == clash->brand->user &&
        brand_covers(clash->brand, row->brand))
        clash->found = true;
}

static bool is_taken(const struct brand *brand, int32_t ward)
{
    struct clash clash = {brand, ward, false};
    /* A first level is 40 random bits: a clash is too unlikely for a scan. */
    if (brand->level < 2)
        return false;
    os_scan(SCAN_BRANDS, look_for_clash, &clash);
    return clash.found;
}

/* Picks another step, which no process has now. A guard that carried another guard's step for a
 * moment would be taken for a member of that guard's tree. A brand that another user carries proves
 * nothing here, so it does not count as taken. */
static bool pick_free(struct brand *brand, int32_t ward)
{
    for (int tries = 0; tries < CLASHES_AT_MOST; tries++) {
        if (!brand_pick_again(brand, random_number()))
            return false;
        if (!is_taken(brand, ward))
            return true;
    }
    return false;
}

bool arm_brand_pick(struct brand *brand, struct brand_pair present, int32_t ward)
{
    uint32_t user = brand->user;
    if (!brand_below(present, random_number(), brand))
        return false;
    brand->user = user;
    return !is_taken(brand, ward) || pick_free(brand, ward);
}

void arm_brand(struct scope *scope, unsigned without)
{
    struct brand_pair present;
    if (is_off(scope, ROUTE_BRAND, without))
        return;
    if (os_brand_get(os_process_self(), &present).code) {
        scope_unarmed(scope, ROUTE_BRAND, "the limits cannot be read");
        return;
    }
    if (os_brand_set(NULL, present).code) {
        scope_unarmed(scope, ROUTE_BRAND, "limits cannot be set (a seccomp filter may deny it)");
        return;
    }
    os_process_user(os_process_self(), &scope->brands.list[0].user);
    if (!arm_brand_pick(&scope->brands.list[0], present, os_process_self())) {
        scope_unarmed(scope, ROUTE_BRAND, arm_brand_refusal(present));
        return;
    }
    scope->brands.count = 1;
    scope->brands.may_be_shed = os_may_raise_limits();
    scope_armed(scope, ROUTE_BRAND);
}

/* The ward is branded first and the scan comes second: if two guards take the same step at once,
 * each sees the other. */
bool arm_brand_settle(struct scope *scope)
{
    struct brand *brand = &scope->brands.list[0];
    int32_t ward = scope->ward.id.pid;
    if (scope->brands.count == 0)
        return false;
    for (int tries = 0; tries < CLASHES_AT_MOST; tries++) {
        if (!is_taken(brand, ward))
            return tries > 0;
        if (!pick_free(brand, ward) || os_brand_set(&scope->ward, brand->value).code)
            break;
    }
    scope->brands.count = 0;
    scope_unarmed(scope, ROUTE_BRAND, ALL_TAKEN);
    return true;
}

void arm_container(struct scope *scope, unsigned without)
{
    enum route route = os_container_route();
    if (is_off(scope, route, without))
        return;
    struct error error = os_container_make(&scope->container);
    if (error.code)
        scope_unarmed(scope, route, error.advice ? error.advice : error.what);
    else
        scope_armed(scope, route);
}

void arm_subreaper(struct scope *scope, unsigned without)
{
    if (is_off(scope, ROUTE_SUBREAPER, without))
        return;
    /* Children that our caller made before it executed treefall are innocents, and so are their
     * orphans. */
    if (os_has_children()) {
        scope_unarmed(scope, ROUTE_SUBREAPER,
                      "treefall inherited children from the program that executed it");
        return;
    }
    if (os_subreaper_become().code) {
        scope_unarmed(scope, ROUTE_SUBREAPER, "the kernel refused it");
        return;
    }
    scope->reaper = os_process_self();
    scope_armed(scope, ROUTE_SUBREAPER);
}

void arm_wire(struct scope *scope, unsigned without)
{
    if (is_off(scope, ROUTE_WIRE, without))
        return;
    if (os_wire_open(&scope->wire).code) {
        scope->wire = NULL;
        scope_unarmed(scope, ROUTE_WIRE,
                      "no descriptors are left for it: raise the limit of open files (ulimit -n)");
        return;
    }
    scope_armed(scope, ROUTE_WIRE);
}

void arm_events(struct scope *scope, unsigned without, os_handle *events)
{
    enum os_event_kind kind = births_are_needed(scope) ? OS_EVENT_FORK : OS_EVENT_SESSION;
    *events = OS_NO_HANDLE;
    if (is_off(scope, ROUTE_EVENTS, without))
        return;
    struct error error = os_events_watch(kind, events);
    if (error.code)
        scope_unarmed(scope, ROUTE_EVENTS, error.advice ? error.advice : error.what);
    else
        scope_armed(scope, ROUTE_EVENTS);
}

void arm_unproven(struct scope *scope, enum route route)
{
    scope_unarmed(scope, route, "a self-test showed that it does not work on this kernel");
}

void arm_passive(struct scope *scope, unsigned without)
{
    static const enum route passive[] = {ROUTE_LINEAGE, ROUTE_PARENT_LINK};
    struct error blind = os_can_look_up();
    for (size_t i = 0; i < sizeof passive / sizeof *passive; i++)
        if (is_off(scope, passive[i], without))
            continue;
        else if (blind.code)
            scope_unarmed(scope, passive[i], blind.advice);
        else
            scope_armed(scope, passive[i]);
    scope_unarmed(scope, ROUTE_JOB, "the ward was not started by treefall");
    scope_unarmed(scope, ROUTE_ENVIRON, "only used to find the orphans of a dead pid");
}
