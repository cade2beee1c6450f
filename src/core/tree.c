#include "core/tree.h"

#include "base/array.h"
#include "base/sort.h"

/* While links are followed every row has a mark. The final marks are routes. */
enum mark { MARK_NEW = -1, MARK_WALKED = -2, MARK_OUTSIDE = -3 };

static bool row_before(const void *a, const void *b)
{
    return ((const struct process_row *)a)->id.pid < ((const struct process_row *)b)->id.pid;
}

static bool member_before(const void *a, const void *b)
{
    const struct process_identity *left = &((const struct member *)a)->row.id;
    const struct process_identity *right = &((const struct member *)b)->row.id;
    return left->start != right->start ? left->start < right->start : left->pid < right->pid;
}

/* If a start time is not known (hidepid), only the number can be compared: when in doubt, spare the
 * process. */
static bool is_spared(const struct tree_proof *proof, struct process_identity id)
{
    for (size_t i = 0; i < proof->spared_count; i++)
        if (process_is_same(proof->spared[i], id) ||
            (proof->spared[i].pid == id.pid && (proof->spared[i].start == 0 || id.start == 0)))
            return true;
    return false;
}

static bool is_branded(const struct tree_proof *proof, const struct process_row *row)
{
    return row->brand_known && row->user_known &&
           brand_proves(&proof->brand, row->brand, row->user);
}

static bool is_known(const struct tree_proof *proof, const struct process_row *row)
{
    size_t at = array_place(proof->known, proof->known_count, sizeof *proof->known, row->id.pid);
    for (; at < proof->known_count && proof->known[at].pid == row->id.pid; at++)
        if (process_is_same(proof->known[at], row->id))
            return true;
    return false;
}

static bool is_ward(const struct tree_proof *proof, const struct process_row *row)
{
    return proof->ward.pid != 0 && row->id.pid == proof->ward.pid &&
           (proof->ward.start == 0 || process_is_same(proof->ward, row->id));
}

/* Two guards may pick the same step at once, and then a sibling's process carries our step for a
 * moment and stays known. A member may take a sibling's step too, but it still has its parents.
 * With several brands, ours is a tree that contained guards before us, and their steps are beside
 * ours. */
static bool is_siblings(const struct tree_proof *proof, const struct process_row *row)
{
    return row->brand_known && proof->brand.count == 1 &&
           brand_is_beside(&proof->brand.brands[0], row->brand);
}

/* What the row alone proves. The parents are followed later. */
static int own_mark(const struct tree_proof *proof, const struct process_row *row)
{
    if (is_spared(proof, row->id))
        return MARK_OUTSIDE;
    if (row->contained)
        return (int)proof->container_route;
    if (is_branded(proof, row))
        return ROUTE_BRAND;
    if (is_ward(proof, row))
        return ROUTE_LINEAGE;
    if (proof->reaper != 0 && row->ppid == proof->reaper)
        return ROUTE_SUBREAPER;
    if (is_siblings(proof, row))
        return MARK_NEW;
    if (is_known(proof, row))
        return ROUTE_LINEAGE;
    if (proof->group_session != 0 &&
        (row->group == proof->group_session || row->session == proof->group_session))
        return ROUTE_LINEAGE;
    return MARK_NEW;
}

struct process_row *tree_find(struct process_row *rows, size_t count, int32_t pid)
{
    size_t at = array_place(rows, count, sizeof *rows, pid);
    return at < count && rows[at].id.pid == pid ? &rows[at] : NULL;
}

/* A recycled parent number names a stranger: a child is never older than its parent. */
struct process_row *tree_parent(struct process_row *rows, size_t count,
                                const struct process_row *row)
{
    struct process_row *parent = row->ppid > 0 ? tree_find(rows, count, row->ppid) : NULL;
    return parent && parent != row && parent->id.start <= row->id.start ? parent : NULL;
}

/* Climbs to the first row whose mark is final, then copies the mark down the path: each link is
 * walked once. A cycle (recycled numbers on Windows) ends at a row that this walk marked. */
static void mark_by_parents(struct process_row *rows, size_t count, struct process_row *start)
{
    struct process_row *at = start;
    while (at && at->mark == MARK_NEW) {
        at->mark = MARK_WALKED;
        at = tree_parent(rows, count, at);
    }
    int found = at && at->mark >= 0 ? (int)ROUTE_PARENT_LINK : (int)MARK_OUTSIDE;
    for (at = start; at && at->mark == MARK_WALKED; at = tree_parent(rows, count, at))
        at->mark = found;
}

size_t tree_select(struct process_row *rows, size_t count, const struct tree_proof *proof,
                   struct member *out)
{
    size_t found = 0;
    sort_heap(rows, count, sizeof *rows, row_before);
    for (size_t i = 0; i < count; i++)
        rows[i].mark = own_mark(proof, &rows[i]);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].mark == MARK_NEW)
            mark_by_parents(rows, count, &rows[i]);
        if (rows[i].mark >= 0 && rows[i].state != PROCESS_DEAD)
            out[found++] = (struct member){rows[i], (enum route)rows[i].mark};
    }
    sort_heap(out, found, sizeof *out, member_before);
    return found;
}
