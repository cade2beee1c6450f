#include "tree/lineage.h"

#include "os/process.h"

/* A process that is gone proves nothing, so it is dropped. Where fork events are read it still
 * does, and births.c drops it. */
static void drop_gone(struct identities *known)
{
    size_t kept = 0;
    for (size_t i = 0; i < known->count; i++) {
        const struct process_identity id = known->list[i];
        if (os_process_is_there(id))
            known->list[kept++] = id;
    }
    known->count = kept;
}

static bool make_room(struct lineage *lineage)
{
    struct identities *known = &lineage->known;
    if (lineage->births == OS_NO_HANDLE)
        drop_gone(known);
    return known->count < known->capacity / 2 || identities_grow(known);
}

bool lineage_remember(struct lineage *lineage, struct process_identity id)
{
    struct identities *known = &lineage->known;
    if (id.start == 0)
        return false;
    if (known->count == known->capacity && !make_room(lineage))
        return false;
    return identities_insert(known, id);
}

const struct process_identity *lineage_find(const struct lineage *lineage, int32_t pid)
{
    return identities_find(&lineage->known, pid);
}

void lineage_forget(struct lineage *lineage, int32_t pid)
{
    identities_remove(&lineage->known, pid);
}
