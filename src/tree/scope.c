#include "tree/scope.h"

#include "tree/keep.h"

#include <string.h>

void scope_init(struct scope *scope)
{
    *scope = (struct scope){.container = {.handle = OS_NO_HANDLE},
                            .ward = {.handle = OS_NO_HANDLE},
                            .adopter = {.handle = OS_NO_HANDLE},
                            .lineage = {.births = OS_NO_HANDLE}};
    brands_init(&scope->brands);
    for (int route = 0; route < ROUTE_COUNT; route++)
        scope_unarmed(scope, (enum route)route, "not requested");
}

void scope_done(struct scope *scope)
{
    identities_free(&scope->lineage.known);
    identities_free(&scope->protected.list);
    identities_free(&scope->asked);
    brands_done(&scope->brands);
    keep_end(scope);
    os_process_close(&scope->ward);
}

void scope_meet_ward(struct scope *scope, const struct process_row *row)
{
    scope->session = row->session;
    memcpy(scope->ward_name, row->name, sizeof scope->ward_name);
}

struct guarantee scope_guarantee(const struct scope *scope)
{
    struct guarantee guarantee = scope->guarantee;
    if (scope->wire && !scope->ends)
        guarantee.unwired = os_wire_missed(scope->wire);
    return guarantee;
}

void scope_keep_unwired(struct scope *scope)
{
    scope->guarantee = scope_guarantee(scope);
    scope->ends = true;
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

/* Brand and row are read one after the other. In between the number may pass to an innocent, whose
 * start time is then in the row. Only if both are read again behind the handle do they belong to
 * one process. */
struct os_proof scope_proof(const struct scope *scope, const struct member *member)
{
    struct os_proof proof = {.id = member->row.id};
    if (member->route == ROUTE_BRAND)
        proof.brand = brands_proof(&scope->brands);
    return proof;
}
