#include "tree/identities.h"

#include "base/array.h"
#include "os/pages.h"

#include <string.h>

#define FIRST_CAPACITY 256

void identities_free(struct identities *set)
{
    os_pages_free(set->list, set->capacity * sizeof *set->list);
    *set = (struct identities){0};
}

bool identities_grow(struct identities *set)
{
    struct process_identity *bigger =
        os_pages_grow(set->list, &set->capacity, FIRST_CAPACITY, sizeof *bigger);
    if (bigger)
        set->list = bigger;
    return bigger != NULL;
}

static bool has_room(struct identities *set)
{
    return set->count < set->capacity || identities_grow(set);
}

bool identities_append(struct identities *set, struct process_identity id)
{
    bool fits = has_room(set);
    if (fits)
        set->list[set->count++] = id;
    return fits;
}

bool identities_insert(struct identities *set, struct process_identity id)
{
    if (!has_room(set))
        return false;
    size_t at = set->count;
    while (at > 0 && set->list[at - 1].pid >= id.pid) {
        if (process_is_same(set->list[at - 1], id))
            return true;
        at--;
    }
    memmove(set->list + at + 1, set->list + at, (set->count - at) * sizeof *set->list);
    set->list[at] = id;
    set->count++;
    return true;
}

static size_t place_of(const struct identities *set, int32_t pid)
{
    return array_place(set->list, set->count, sizeof *set->list, pid);
}

const struct process_identity *identities_find(const struct identities *set, int32_t pid)
{
    size_t at = place_of(set, pid);
    return at < set->count && set->list[at].pid == pid ? &set->list[at] : NULL;
}

bool identities_has(const struct identities *set, struct process_identity id)
{
    for (size_t at = place_of(set, id.pid); at < set->count && set->list[at].pid == id.pid; at++)
        if (process_is_same(set->list[at], id))
            return true;
    return false;
}

void identities_remove(struct identities *set, int32_t pid)
{
    size_t at = place_of(set, pid);
    size_t end = at;
    while (end < set->count && set->list[end].pid == pid)
        end++;
    memmove(set->list + at, set->list + end, (set->count - end) * sizeof *set->list);
    set->count -= end - at;
}
