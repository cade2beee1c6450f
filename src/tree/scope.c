#include "tree/scope.h"

#include "base/array.h"
#include "tree/keep.h"

#include <string.h>

#define FIRST_CAPACITY 256

void scope_init(struct scope *scope)
{
    *scope = (struct scope){.container = {.handle = OS_NO_HANDLE},
                            .ward = {.handle = OS_NO_HANDLE},
                            .adopter = {.handle = OS_NO_HANDLE},
                            .births = OS_NO_HANDLE};
    scope->users = os_pages_shared(sizeof *scope->users);
    if (scope->users)
        scope->users->count = !os_process_user(os_process_self(), &scope->users->list[0]).code;
    for (int route = 0; route < ROUTE_COUNT; route++)
        scope_unarmed(scope, (enum route)route, "not requested");
}

void scope_done(struct scope *scope)
{
    os_pages_free(scope->known, scope->known_capacity * sizeof *scope->known);
    os_pages_free(scope->spared, scope->spared_capacity * sizeof *scope->spared);
    os_pages_free(scope->asked, scope->asked_capacity * sizeof *scope->asked);
    os_pages_free(scope->users, sizeof *scope->users);
    keep_end(scope);
    os_process_close(&scope->ward);
    scope->users = NULL;
    scope->spared = NULL;
    scope->spared_count = scope->spared_capacity = 0;
    scope->known = NULL;
    scope->known_count = scope->known_capacity = 0;
    scope->asked = NULL;
    scope->asked_count = scope->asked_capacity = 0;
}

void scope_meet_ward(struct scope *scope, const struct process_row *row)
{
    scope->session = row->session;
    memcpy(scope->ward_name, row->name, sizeof scope->ward_name);
}

static bool grow(struct process_identity **list, size_t *capacity)
{
    struct process_identity *bigger =
        os_pages_grow(*list, capacity, FIRST_CAPACITY, sizeof *bigger);
    if (bigger)
        *list = bigger;
    return bigger != NULL;
}

void scope_spare_id(struct scope *scope, struct process_identity id)
{
    if (scope->spared_count < scope->spared_capacity ||
        grow(&scope->spared, &scope->spared_capacity))
        scope->spared[scope->spared_count++] = id;
}

void scope_spare(struct scope *scope, int32_t pid)
{
    struct process_row row = {0};
    os_process_row(pid, &row);
    row.id.pid = pid;
    scope_spare_id(scope, row.id);
}

void scope_unspare(struct scope *scope, int32_t pid)
{
    for (size_t i = scope->spared_count; i > 0; i--)
        if (scope->spared[i - 1].pid == pid) {
            scope->spared[i - 1] = scope->spared[--scope->spared_count];
            return;
        }
}

static bool is_same(struct process_identity spared, struct process_identity id)
{
    if (spared.pid != id.pid)
        return false;
    return spared.start == 0 ||
           (id.start == 0 ? os_process_is_there(spared) : process_is_same(spared, id));
}

bool scope_spares(const struct scope *scope, struct process_identity id)
{
    for (size_t i = 0; i < scope->spared_count; i++)
        if (is_same(scope->spared[i], id))
            return true;
    return false;
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

void scope_spare_sibling(struct scope *scope, struct process_identity id)
{
    if (scope->sibling_count < SCOPE_SIBLINGS &&
        !os_process_open(id, &scope->siblings[scope->sibling_count]).code)
        scope->sibling_count++;
}

void scope_settle_siblings(struct scope *scope)
{
    for (size_t i = 0; i < scope->sibling_count; i++)
        if (!os_process_ended(&scope->siblings[i]))
            scope_spare_id(scope, scope->siblings[i].id);
}

static void spare_one(void *context, struct process_identity id)
{
    scope_spare_id(context, id);
}

void scope_spare_ancestry(struct scope *scope)
{
    os_process_ancestry(spare_one, scope);
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

/* Those that are gone prove nothing, but where fork events are read: births.c drops them there. */
static void drop_gone(struct scope *scope)
{
    size_t kept = 0;
    for (size_t i = 0; i < scope->known_count; i++) {
        const struct process_identity id = scope->known[i];
        if (os_process_is_there(id))
            scope->known[kept++] = id;
    }
    scope->known_count = kept;
}

static bool make_room(struct scope *scope)
{
    if (scope->births == OS_NO_HANDLE)
        drop_gone(scope);
    return scope->known_count < scope->known_capacity / 2 ||
           grow(&scope->known, &scope->known_capacity);
}

/* Into a list that is sorted by pid and has room, once. */
static void insert(struct process_identity *list, size_t *count, struct process_identity id)
{
    size_t at = *count;
    while (at > 0 && list[at - 1].pid >= id.pid) {
        if (process_is_same(list[at - 1], id))
            return;
        at--;
    }
    memmove(list + at + 1, list + at, (*count - at) * sizeof *list);
    list[at] = id;
    ++*count;
}

bool scope_remember(struct scope *scope, struct process_identity id)
{
    if (id.start == 0)
        return false;
    if (scope->known_count == scope->known_capacity && !make_room(scope))
        return false;
    insert(scope->known, &scope->known_count, id);
    return true;
}

static size_t place_of(const struct scope *scope, int32_t pid)
{
    return array_place(scope->known, scope->known_count, sizeof *scope->known, pid);
}

void scope_note_asked(struct scope *scope, struct process_identity id)
{
    if (scope->asked_count < scope->asked_capacity || grow(&scope->asked, &scope->asked_capacity))
        insert(scope->asked, &scope->asked_count, id);
}

bool scope_has_asked(const struct scope *scope, struct process_identity id)
{
    size_t at = array_place(scope->asked, scope->asked_count, sizeof *scope->asked, id.pid);
    for (; at < scope->asked_count && scope->asked[at].pid == id.pid; at++)
        if (process_is_same(scope->asked[at], id))
            return true;
    return false;
}

const struct process_identity *scope_find(const struct scope *scope, int32_t pid)
{
    size_t at = place_of(scope, pid);
    return at < scope->known_count && scope->known[at].pid == pid ? &scope->known[at] : NULL;
}

void scope_forget(struct scope *scope, int32_t pid)
{
    size_t at = place_of(scope, pid);
    size_t end = at;
    while (end < scope->known_count && scope->known[end].pid == pid)
        end++;
    memmove(scope->known + at, scope->known + end,
            (scope->known_count - end) * sizeof *scope->known);
    scope->known_count -= end - at;
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
