#include "tree/scope.h"

#include "tree/keep.h"

#include <string.h>

void scope_init(struct scope *scope)
{
    *scope = (struct scope){.container = {.handle = OS_NO_HANDLE},
                            .ward = {.handle = OS_NO_HANDLE},
                            .adopter = {.handle = OS_NO_HANDLE},
                            .lineage = {.births = OS_NO_HANDLE}};
    scope->users = os_pages_shared(sizeof *scope->users);
    if (scope->users)
        scope->users->count = !os_process_user(os_process_self(), &scope->users->list[0]).code;
    for (int route = 0; route < ROUTE_COUNT; route++)
        scope_unarmed(scope, (enum route)route, "not requested");
}

void scope_done(struct scope *scope)
{
    identities_free(&scope->lineage.known);
    identities_free(&scope->protected.list);
    identities_free(&scope->asked);
    os_pages_free(scope->users, sizeof *scope->users);
    keep_end(scope);
    os_process_close(&scope->ward);
    scope->users = NULL;
}

void scope_meet_ward(struct scope *scope, const struct process_row *row)
{
    scope->session = row->session;
    memcpy(scope->ward_name, row->name, sizeof scope->ward_name);
}

struct brand_proof scope_brand_proof(const struct scope *scope)
{
    struct brand_proof proof = {.brands = scope->brands, .count = scope->brand_count};
    if (scope->users) {
        proof.users = scope->users->list;
        proof.user_count = scope->users->count;
    }
    return proof;
}

bool scope_covers(const struct scope *scope, const struct process_row *row)
{
    struct brand_proof proof = scope_brand_proof(scope);
    return row->brand_known && row->user_known && brand_proves(&proof, row->brand, row->user);
}

bool scope_knows(const struct scope *scope, struct brand_pair pair)
{
    for (size_t i = 0; i < scope->brand_count; i++)
        if (brand_covers(&scope->brands[i], pair))
            return true;
    return false;
}

bool scope_is_branded(const struct scope *scope, int32_t pid)
{
    struct process_row row = {.brand_known = !os_brand_get(pid, &row.brand).code};
    row.user_known = row.brand_known && !os_process_user(pid, &row.user).code;
    return scope_covers(scope, &row);
}

bool scope_has_user(const struct scope *scope, uint32_t user)
{
    struct brand_proof proof = scope_brand_proof(scope);
    for (size_t i = 0; i < proof.user_count; i++)
        if (proof.users[i] == user)
            return true;
    return user == os_user();
}

/* A look reads the user of carriers alone. Asked once more behind the number: it was this one's. */
static bool find_user(const struct process_row *row, uint32_t *user)
{
    *user = row->user;
    return row->user_known ||
           (!os_process_user(row->id.pid, user).code && os_process_is_there(row->id));
}

void scope_learn_user(struct scope *scope, const struct process_row *row)
{
    struct scope_users *users = scope->users;
    uint32_t user;
    if (!users || !find_user(row, &user) || scope_has_user(scope, user))
        return;
    size_t count = users->count;
    if (count == 0 || count == SCOPE_USERS)
        return;
    users->list[count] = user;
    users->count = count + 1;
}

struct guarantee scope_guarantee(const struct scope *scope)
{
    struct guarantee guarantee = scope->guarantee;
    if (scope->wire)
        guarantee.unwired = os_wire_missed(scope->wire);
    return guarantee;
}

void scope_armed(struct scope *scope, enum route route)
{
    scope->guarantee.routes[route] = (struct route_status){.armed = true};
}

void scope_unarmed(struct scope *scope, enum route route, const char *why_not)
{
    scope->guarantee.routes[route] =
        (struct route_status){.armed = false, .why_not = os_has_route(route) ? why_not : NULL};
}

/* Brand and row are read one after the other: between them the number may pass to an innocent,
 * whose start time is then the row's. Only both together, read again behind the handle, are one
 * process. */
struct os_proof scope_proof(const struct scope *scope, const struct member *member)
{
    struct os_proof proof = {.id = member->row.id};
    if (member->route == ROUTE_BRAND)
        proof.brand = scope_brand_proof(scope);
    return proof;
}
