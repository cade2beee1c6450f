#include "guard/attach.h"

#include "guard/arm.h"
#include "guard/census.h"
#include "guard/lookout.h"

#define PASSES_AT_MOST 64

struct attachment {
    struct scope *scope;
    struct brand_pair before; /* what the ward carried */
    struct brand before_brand;
    unsigned before_level; /* 0 = none */
    size_t branded;        /* in this pass */
};

/* A guard inside the tree: rewriting its step would blind it, so its brand counts as ours too. It
 * may as well be the brand of another's tree, copied: it proves what is of the same user. */
static bool adopt_guard(struct attachment *attachment, int32_t pid, const struct brand *inner)
{
    struct scope *scope = attachment->scope;
    struct brand brand = brand_cut(inner, attachment->before_level + 1);
    if (scope->brand_count == SCOPE_BRANDS || os_process_user(pid, &brand.user).code)
        return false;
    scope->brands[scope->brand_count++] = brand;
    return true;
}

static bool brand_one(struct attachment *attachment, const struct os_process *member)
{
    struct brand_pair pair;
    struct brand inner;
    struct scope *scope = attachment->scope;
    int32_t pid = member->id.pid;
    if (os_brand_get(pid, &pair).code || scope_knows(scope, pair))
        return false;
    if (brand_read(pair, &inner) == BRAND_PRESENT && inner.level > attachment->before_level &&
        (attachment->before_level == 0 || brand_covers(&attachment->before_brand, pair)))
        return adopt_guard(attachment, pid, &inner);
    if (brand_same(pair, attachment->before) ||
        (pair.hard == BRAND_UNLIMITED && attachment->before.hard == BRAND_UNLIMITED))
        return !os_brand_set(member, scope->brands[0].value).code;
    return false;
}

/* Behind a handle: a brand that a stranger got by the number could not be taken off again. */
static void brand_member(struct attachment *attachment, struct process_identity id)
{
    struct os_process member;
    if (id.start == 0 || os_process_open(id, &member).code)
        return;
    attachment->branded += brand_one(attachment, &member);
    os_process_close(&member);
}

static bool is_known(const struct scope *scope, struct process_identity id)
{
    for (size_t i = 0; i < scope->known_count; i++)
        if (scope->known[i].pid == id.pid &&
            (id.start == 0 || process_is_same(scope->known[i], id)))
            return true;
    return false;
}

/* The parent may be dead: then its number is all there is. */
static bool is_of_member(const struct scope *scope, const struct os_event *event)
{
    struct process_row row = {.id.pid = event->parent};
    bool alive = !os_process_row(event->parent, &row).code;
    if (alive && row.id.start > event->latest_start)
        return false;
    return is_known(scope, row.id) || (alive && scope_is_branded(scope, event->parent));
}

static void born(void *context, const struct os_event *event)
{
    struct attachment *attachment = context;
    struct scope *scope = attachment->scope;
    struct process_row row = {0};
    if (!is_of_member(scope, event) || os_process_row(event->pid, &row).code ||
        row.id.start > event->latest_start)
        return;
    scope_remember(scope, row.id);
    brand_member(attachment, row.id);
}

static void brand_all(struct attachment *attachment, os_handle forks)
{
    struct census census;
    census_init(&census);
    for (int pass = 0; pass < PASSES_AT_MOST; pass++) {
        attachment->branded = 0;
        census_take(&census, attachment->scope);
        for (size_t i = 0; i < census.member_count; i++)
            brand_member(attachment, census.members[i].row.id);
        if (forks != OS_NO_HANDLE && !os_events_read(forks, born, attachment))
            attachment->scope->births_lost = true;
        if (attachment->branded == 0)
            break;
    }
    attachment->scope->births_lost |= attachment->branded > 0;
    census_done(&census);
}

static bool brand_armed(struct scope *scope)
{
    scope->brand_count = 1;
    scope->brand_may_be_shed = os_may_raise_limits();
    scope_armed(scope, ROUTE_BRAND);
    return true;
}

/* An earlier guard's brand serves again: a step for each would soon use them up. */
static bool brand_again(struct attachment *attachment)
{
    const struct brand *brand = &attachment->scope->brands[0];
    if (brand->level == 0 || !brand_covers(brand, attachment->before))
        return false;
    attachment->before_level = brand->level - 1;
    attachment->before = (struct brand_pair){BRAND_UNLIMITED, BRAND_UNLIMITED};
    if (attachment->before_level > 0) {
        attachment->before_brand = brand_cut(brand, attachment->before_level);
        attachment->before = attachment->before_brand.value;
    }
    return brand_armed(attachment->scope);
}

static bool brand_ward(struct attachment *attachment)
{
    struct scope *scope = attachment->scope;
    int32_t ward = scope->ward.id.pid;
    struct brand *brand = &scope->brands[0];
    if (os_brand_get(ward, &attachment->before).code || os_process_user(ward, &brand->user).code)
        return false;
    if (brand_again(attachment))
        return true;
    if (brand_read(attachment->before, &attachment->before_brand) == BRAND_PRESENT)
        attachment->before_level = attachment->before_brand.level;
    if (!arm_brand_pick(brand, attachment->before, ward) ||
        os_brand_set(&scope->ward, brand->value).code)
        return false;
    brand_armed(scope);
    arm_brand_settle(scope);
    return scope->brand_count > 0;
}

static void attach_by_brand(struct scope *scope, unsigned without)
{
    struct attachment attachment = {.scope = scope};
    os_handle forks = OS_NO_HANDLE;
    /* Joined before the first pass: what is born behind it is told. */
    if (!(without & 1u << ROUTE_EVENTS))
        os_events_watch(OS_EVENT_FORK, &forks);
    if (brand_ward(&attachment))
        brand_all(&attachment, forks);
    else
        scope_unarmed(scope, ROUTE_BRAND,
                      "the ward cannot be branded: another user's, or with a limit of its own");
    os_handle_close(&forks);
}

void attach_tree(struct scope *scope, unsigned without)
{
    scope->attached = true;
    if (without & 1u << ROUTE_BRAND)
        scope_unarmed(scope, ROUTE_BRAND, "switched off by --without");
    else
        attach_by_brand(scope, without);
    /* Without a brand the lineage is all there is: it must be known before the ward can die. */
    if (scope->brand_count == 0)
        lookout_refresh(scope);
}
