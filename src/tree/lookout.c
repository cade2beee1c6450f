#include "tree/lookout.h"

#include "tree/census.h"
#include "tree/keep.h"

/* Whether the row's whole process group belongs to the tree. If treefall started the tree, a group
 * belongs if it is in a session that the tree made, or if its leader is a member. If the tree ran
 * before, only a session that a member leads is sure to hold nothing but that leader's descendants:
 * a group may be a pipeline of the caller's. Any other group may hold innocents, and then only the
 * process is armed. */
static bool owns_group(const struct scope *scope, const struct process_row *row)
{
    if (scope->keep.count > 0) /* it may contain a kept process */
        return false;
    if (scope->attached)
        return brands_mark(&scope->brands, row->session);
    return row->session != scope->session || row->group == row->id.pid ||
           (row->group == scope->ward.id.pid && scope->ward_leads && !scope->ward_passed_on) ||
           brands_mark(&scope->brands, row->group);
}

static void arm(struct scope *scope, const struct process_row *row)
{
    if (!scope->wire || keep_spares(row))
        return;
    if (row->group > 1 && owns_group(scope, row))
        os_wire_arm_group(scope->wire, row);
    else
        os_wire_arm_process(scope->wire, row);
}

struct pass {
    struct scope *scope;
    bool other_user; /* carried by another user: only a census shows whether as a member */
};

static void take_branded(void *context, const struct process_row *row)
{
    struct pass *pass = context;
    struct scope *scope = pass->scope;
    struct process_row full = *row;
    int32_t pid = row->id.pid;
    if (!brands_cover(&scope->brands, row)) {
        pass->other_user |= brands_know(&scope->brands, row->brand);
        return;
    }
    /* Read the brand again after the row: the number may have passed to an innocent in between. */
    if (os_process_row(pid, &full).code || full.state == PROCESS_DEAD ||
        protected_has(&scope->protected, full.id) || !brands_mark(&scope->brands, pid))
        return;
    lineage_remember(&scope->lineage, full.id);
    arm(scope, &full);
}

static void refresh_by_census(struct scope *scope)
{
    struct census census;
    census_init(&census);
    census_take(&census, scope);
    for (size_t i = 0; i < census.member_count; i++)
        arm(scope, &census.members[i].row);
    census_done(&census);
}

static bool carries_brand(const struct scope *scope, int32_t pid)
{
    struct brand_pair pair;
    return !os_brand_get(pid, &pair).code && brands_know(&scope->brands, pair);
}

/* Any process may lower its own limits, and then its brand is gone. Only a process that was seen
 * with the brand, or that our subreaper adopted, shows that. */
static bool was_shed(const struct scope *scope)
{
    int32_t adopted[64];
    size_t count = 0;
    for (size_t i = 0; i < scope->lineage.known.count; i++)
        if (!carries_brand(scope, scope->lineage.known.list[i].pid) &&
            os_process_is_there(scope->lineage.known.list[i]))
            return true;
    if (scope->adopter.handle != OS_NO_HANDLE)
        count = os_children_of(scope->adopter.id.pid, adopted, sizeof adopted / sizeof *adopted);
    for (size_t i = 0; i < count; i++) {
        struct process_row row = {0};
        if (!carries_brand(scope, adopted[i]) && !os_process_row(adopted[i], &row).code &&
            row.state != PROCESS_DEAD && !protected_has(&scope->protected, row.id))
            return true;
    }
    return false;
}

void lookout_refresh(struct scope *scope)
{
    struct pass pass = {.scope = scope};
    uint32_t look = scope->wire ? os_wire_look(scope->wire) : 0;
    /* As long as no member shed its brand, reading the brands is enough. It is not enough with
     * --keep: brands do not tell which processes a kept process started. */
    bool is_sure = scope->brands.count > 0 && !scope->brands.may_be_shed && scope->keep.count == 0;
    if (is_sure)
        os_scan(SCAN_BRANDS, take_branded, &pass);
    if (is_sure && was_shed(scope))
        scope->brands.may_be_shed = true;
    if (scope->brands.may_be_shed || !is_sure || pass.other_user)
        refresh_by_census(scope);
    if (scope->wire)
        os_wire_sweep(scope->wire, look);
}

static bool is_child_of_member(struct scope *scope, const struct process_row *row)
{
    const struct process_identity *parent = lineage_find(&scope->lineage, row->ppid);
    bool is_child = scope->brands.count > 0 && parent && parent->start <= row->id.start &&
                    os_process_is_there(*parent);
    scope->brands.may_be_shed |= is_child;
    return is_child;
}

bool lookout_user(struct scope *scope, int32_t pid)
{
    struct process_row row = {0};
    const struct process_identity *known = lineage_find(&scope->lineage, pid);
    if (scope->brands.count > 0 && !carries_brand(scope, pid))
        return true;
    if (os_process_row(pid, &row).code)
        return true;
    bool is_member =
        os_container_has(&scope->container, pid) || (known && process_is_same(*known, row.id));
    if (is_member && !protected_has(&scope->protected, row.id))
        brands_learn_user(&scope->brands, &row);
    return is_member;
}

bool lookout_session(struct scope *scope, int32_t pid)
{
    struct process_row row = {0};
    if (os_process_row(pid, &row).code || row.state == PROCESS_DEAD)
        return false;
    if (protected_has(&scope->protected, row.id))
        return true;
    if (brands_mark(&scope->brands, pid)) {
        lineage_remember(&scope->lineage, row.id);
        if (scope->keep.count > 0)
            return false;
        arm(scope, &row);
        return true;
    }
    return !is_child_of_member(scope, &row); /* a full pass finds it while its parent lives */
}
