#include "tree/protected.h"

void protected_add_id(struct protected *protected, struct process_identity id)
{
    identities_append(&protected->list, id);
}

void protected_add(struct protected *protected, int32_t pid)
{
    struct process_row row = {0};
    os_process_row(pid, &row);
    row.id.pid = pid;
    protected_add_id(protected, row.id);
}

void protected_remove(struct protected *protected, int32_t pid)
{
    struct identities *list = &protected->list;
    for (size_t i = list->count; i > 0; i--)
        if (list->list[i - 1].pid == pid) {
            list->list[i - 1] = list->list[--list->count];
            return;
        }
}

static bool is_same(struct process_identity listed, struct process_identity id)
{
    if (listed.pid != id.pid)
        return false;
    return listed.start == 0 ||
           (id.start == 0 ? os_process_is_there(listed) : process_is_same(listed, id));
}

bool protected_has(const struct protected *protected, struct process_identity id)
{
    for (size_t i = 0; i < protected->list.count; i++)
        if (is_same(protected->list.list[i], id))
            return true;
    return false;
}

static void add_one(void *context, struct process_identity id)
{
    protected_add_id(context, id);
}

void protected_add_ancestry(struct protected *protected)
{
    os_process_ancestry(add_one, protected);
}

void protected_add_sibling(struct protected *protected, struct process_identity id)
{
    if (protected->sibling_count < PROTECTED_SIBLINGS &&
        !os_process_open(id, &protected->siblings[protected->sibling_count]).code)
    protected->sibling_count++;
}

void protected_settle_siblings(struct protected *protected)
{
    for (size_t i = 0; i < protected->sibling_count; i++)
        if (!os_process_ended(&protected->siblings[i]))
            protected_add_id(protected, protected->siblings[i].id);
}
