#include "tree/attach.h"

#include "tree/arm.h"
#include "tree/census.h"
#include "tree/lookout.h"

#define PASSES_AT_MOST 64

struct attachment {
    struct scope *scope;
    struct brand_pair before; /* the ward's pair before the guard came */
    struct brand before_brand;
    unsigned before_level; /* 0 = none */
    size_t branded;        /* in this pass */
};

/* A guard inside the tree: rewriting its step would blind it, so its brand counts as ours too. The
 * brand may also be a copy from another tree, so it proves only processes of the same user. */
static bool adopt_guard(struct attachment *attachment, int32_t pid, const struct brand *inner)
{
    struct scope *scope = attachment->scope;
    struct brand brand = brand_cut(inner, attachment->before_level + 1);
    if (scope->brands.count == BRANDS_MAX || os_process_user(pid, &brand.user).code)
        return false;
    scope->brands.list[scope->brands.count++] = brand;
    return true;
}

static bool brand_one(struct attachment *attachment, const struct os_process *member)
{
    struct brand_pair pair;
    struct brand inner;
    struct scope *scope = attachment->scope;
    int32_t pid = member->id.pid;
    if (os_brand_get(pid, &pair).code || brands_know(&scope->brands, pair))
        return false;
    if (brand_read(pair, &inner) == BRAND_PRESENT && inner.level > attachment->before_level &&
        (attachment->before_level == 0 || brand_covers(&attachment->before_brand, pair)))
        return adopt_guard(attachment, pid, &inner);
    if (brand_same(pair, attachment->before) ||
        (pair.hard == BRAND_UNLIMITED && attachment->before.hard == BRAND_UNLIMITED))
        return !os_brand_set(member, scope->brands.list[0].value).code;
    return false;
}

/* The process is held by a handle: a brand set by a reused number could not be removed from a
 * stranger. */
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
    const struct process_identity *known = lineage_find(&scope->lineage, id.pid);
    const struct process_identity *end = scope->lineage.known.list + scope->lineage.known.count;
    for (; known && known < end && known->pid == id.pid; known++)
        if (id.start == 0 || process_is_same(*known, id))
            return true;
    return false;
}

/* If the parent is dead, only its number is left to compare. */
static bool is_of_member(const struct scope *scope, const struct os_event *event)
{
    struct process_row row = {.id.pid = event->parent};
    bool alive = !os_process_row(event->parent, &row).code;
    if (alive && row.id.start > event->latest_start)
        return false;
    return is_known(scope, row.id) || (alive && brands_mark(&scope->brands, event->parent));
}

static void born(void *context, const struct os_event *event)
{
    struct attachment *attachment = context;
    struct scope *scope = attachment->scope;
    struct process_row row = {0};
    if (!is_of_member(scope, event) || os_process_row(event->pid, &row).code ||
        row.id.start > event->latest_start)
        return;
    lineage_remember(&scope->lineage, row.id);
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
        if (forks != OS_NO_HANDLE && os_events_read(forks, born, attachment) != OS_EVENTS_NONE)
            attachment->scope->lineage.births_lost = true;
        if (attachment->branded == 0)
            break;
    }
    attachment->scope->lineage.births_lost |= attachment->branded > 0;
    census_done(&census);
}

static bool brand_armed(struct scope *scope)
{
    scope->brands.count = 1;
    scope->brands.may_be_shed = os_may_raise_limits();
    scope_armed(scope, ROUTE_BRAND);
    return true;
}

/* An earlier guard's brand is used again. A new step for each guard would soon use up the
 * levels. */
static bool brand_again(struct attachment *attachment)
{
    const struct brand *brand = &attachment->scope->brands.list[0];
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

static bool is_carried_elsewhere(const struct census *census, const struct brand *brand)
{
    for (size_t i = 0; i < census->row_count; i++) {
        const struct process_row *row = &census->rows[i];
        bool counts = row->brand_known && (!row->user_known || row->user == brand->user);
        if (row->mark < 0 && row->state != PROCESS_DEAD && counts &&
            brand_covers(brand, row->brand))
            return true;
    }
    return false;
}

/* If all processes that carry the brand descend from the ward, then all that will ever carry it do
 * too. So we can use it, whichever guard it was made for. No brand of the scope counts yet. A
 * process that is born and orphaned during a pass may be missed in that pass, so there are two. */
static bool is_wards_own(struct scope *scope, const struct brand *brand)
{
    struct census census;
    bool own = brand->level > 0;
    census_init(&census);
    for (int pass = 0; pass < 2 && own; pass++)
        own = !census_take(&census, scope).code && !is_carried_elsewhere(&census, brand);
    census_done(&census);
    return own;
}

/* What the ward carries already, and for which user that is a proof. */
static bool read_ward(struct attachment *attachment)
{
    int32_t ward = attachment->scope->ward.id.pid;
    struct brand *before = &attachment->before_brand;
    uint32_t user;
    if (os_brand_get(ward, &attachment->before).code || os_process_user(ward, &user).code)
        return false;
    if (brand_read(attachment->before, before) != BRAND_PRESENT)
        *before = (struct brand){0};
    before->user = attachment->scope->brands.list[0].user = user;
    attachment->before_level = before->level;
    return true;
}

/* Returns why not; NULL = the ward carries the scope's brand. */
static const char *brand_ward(struct attachment *attachment)
{
    static const char refused[] = "the ward cannot be branded: it belongs to another user, or has "
                                  "a limit of file locks of its own";
    struct scope *scope = attachment->scope;
    struct brand *brand = &scope->brands.list[0];
    if (!read_ward(attachment))
        return refused;
    if (brand_again(attachment))
        return NULL;
    if (is_wards_own(scope, &attachment->before_brand)) {
        *brand = attachment->before_brand;
        if (brand_again(attachment))
            return NULL;
    }
    if (!arm_brand_pick(brand, attachment->before, scope->ward.id.pid))
        return attachment->before_level > 0 ? arm_brand_refusal(attachment->before) : refused;
    if (os_brand_set(&scope->ward, brand->value).code)
        return refused;
    brand_armed(scope);
    arm_brand_settle(scope);
    return scope->brands.count > 0 ? NULL : arm_brand_refusal(attachment->before);
}

static void attach_by_brand(struct scope *scope, unsigned without)
{
    struct attachment attachment = {.scope = scope};
    os_handle forks = OS_NO_HANDLE;
    /* Subscribed before the first pass: a process that is born behind the pass is then reported. */
    if (!(without & 1u << ROUTE_EVENTS))
        os_events_watch(OS_EVENT_FORK, &forks);
    const char *why_not = brand_ward(&attachment);
    if (why_not)
        scope_unarmed(scope, ROUTE_BRAND, why_not);
    else
        brand_all(&attachment, forks);
    os_handle_close(&forks);
}

void attach_tree(struct scope *scope, unsigned without)
{
    scope->attached = true;
    if (without & 1u << ROUTE_BRAND)
        scope_unarmed(scope, ROUTE_BRAND, "switched off by --without");
    else
        attach_by_brand(scope, without);
    /* Without a brand, membership rests on the lineage: record it before the ward can die. */
    if (scope->brands.count == 0)
        lookout_refresh(scope);
}
