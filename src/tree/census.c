#include "tree/census.h"

#include "tree/births.h"
#include "tree/keep.h"
#include "tree/pact.h"

#include <string.h>

#define FIRST_CAPACITY 512
#define TRIES_AT_MOST  3

struct filling {
    struct census *census;
    const struct scope *scope;
    bool no_memory;
};

void census_init(struct census *census)
{
    *census = (struct census){0};
}

static void free_all(struct census *census)
{
    os_pages_free(census->rows, census->row_capacity * sizeof *census->rows);
    os_pages_free(census->members, census->row_capacity * sizeof *census->members);
}

void census_done(struct census *census)
{
    free_all(census);
    *census = (struct census){0};
}

/* Members are selected after the pass, so only the rows are copied. */
static bool grow(struct census *census)
{
    size_t old = census->row_capacity;
    size_t more = array_more(old, FIRST_CAPACITY);
    struct process_row *rows = NULL;
    struct member *members = os_pages(more * sizeof *members);
    if (members)
        rows = os_pages_grow(census->rows, &census->row_capacity, FIRST_CAPACITY, sizeof *rows);
    if (!rows) {
        os_pages_free(members, more * sizeof *members);
        return false;
    }
    os_pages_free(census->members, old * sizeof *members);
    census->rows = rows;
    census->members = members;
    return true;
}

static void take_row(void *context, const struct process_row *row)
{
    struct filling *filling = context;
    struct census *census = filling->census;
    if (census->row_count == census->row_capacity && !grow(census)) {
        filling->no_memory = true;
        return;
    }
    struct process_row *kept = &census->rows[census->row_count++];
    *kept = *row;
    if (filling->scope->container.handle != OS_NO_HANDLE)
        kept->contained = os_container_has(&filling->scope->container, row->id.pid);
}

/* Without a start time (hidepid hides it for set-uid programs), the number is known to be the
 * ward's only while the ward has not exited. This is checked after the scan. */
static struct process_identity ward_of(const struct scope *scope)
{
    struct process_identity id = scope->ward.id;
    if (id.start == 0 && (scope->ward.handle == OS_NO_HANDLE || os_process_ended(&scope->ward)))
        id.pid = 0;
    return id;
}

/* Checked after the scan: as long as the subreaper has not exited, its number has no other
 * owner. */
static int32_t reaper_of(const struct scope *scope)
{
    if (scope->reaper != 0 || scope->adopter.handle == OS_NO_HANDLE)
        return scope->reaper;
    return os_process_ended(&scope->adopter) ? 0 : scope->adopter.id.pid;
}

static struct tree_proof proof_of(const struct scope *scope)
{
    return (struct tree_proof){
        .ward = ward_of(scope),
        .brand = brands_proof(&scope->brands),
        .known = scope->lineage.known.list,
        .known_count = scope->lineage.known.count,
        .container_route = os_container_route(),
        .reaper = reaper_of(scope),
        .group_session = scope->group_session,
        .spared = scope->protected.list.list,
        .spared_count = scope->protected.list.count,
    };
}

/* A container needs no pin: it knows its members itself. */
static void remember(struct scope *scope, const struct member *member)
{
    lineage_remember(&scope->lineage, member->row.id);
    if (member->route == ROUTE_LINEAGE || member->route == ROUTE_PARENT_LINK ||
        member->route == ROUTE_SUBREAPER)
        pact_note_member(scope, member->row.id);
    if (member->route != ROUTE_BRAND)
        brands_learn_user(&scope->brands, &member->row);
    if (!member->row.contained)
        os_scan_pin(member->row.id);
}

static size_t select_members(struct census *census, const struct scope *scope)
{
    struct tree_proof proof = proof_of(scope);
    return tree_select(census->rows, census->row_count, &proof, census->members);
}

/* Repeats while members show another user of the tree, because the daemons of that user then belong
 * to the tree too. */
static void select_all(struct census *census, struct scope *scope)
{
    size_t users;
    do {
        users = brands_proof(&scope->brands).user_count;
        census->member_count = select_members(census, scope);
        for (size_t i = 0; i < census->member_count; i++)
            remember(scope, &census->members[i]);
    } while (brands_proof(&scope->brands).user_count != users);
}

static struct error take_once(struct census *census, struct scope *scope)
{
    struct filling filling = {.census = census, .scope = scope};
    census->row_count = census->member_count = 0;
    struct error error = os_scan(SCAN_FULL, take_row, &filling);
    /* After the scan, so that processes whose parents exited meanwhile are known. */
    births_read(scope);
    pact_learn_members(scope);
    select_all(census, scope);
    keep_mark(census, scope);
    /* What was seen still counts: kill that much, and report what could not be seen. */
    if (filling.no_memory)
        error = error_make(ERROR_NO_MEMORY, 0, "store the process table", NULL);
    census->whole = !error.code;
    return error;
}

/* Retries, because a member that one census misses may leave no trace once its parent is killed. */
struct error census_take(struct census *census, struct scope *scope)
{
    struct error error = take_once(census, scope);
    for (int tries = 1; error.code && tries < TRIES_AT_MOST; tries++)
        error = take_once(census, scope);
    return error;
}

bool census_has(const struct census *census, int32_t pid)
{
    for (size_t i = 0; i < census->member_count; i++)
        if (census->members[i].row.id.pid == pid)
            return true;
    return false;
}
