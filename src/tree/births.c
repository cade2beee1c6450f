#include "tree/births.h"

/* Start time of a process that exited before its row could be read: only its number is known. No
 * process has this start time. */
#define ENDED         UINT64_MAX
#define FIRST_PRUNING 1024
/* Per reading. If a process forks faster than the guard reads, the rest is read after other
 * work. */
#define LOSSES_AT_MOST 8

bool births_are_needed(const struct scope *scope)
{
    return scope->brands.count == 0 && scope->container.handle == OS_NO_HANDLE;
}

void births_open(const struct scope *scope, os_handle *out)
{
    bool wanted = births_are_needed(scope) && scope->guarantee.routes[ROUTE_EVENTS].armed;
    if (!wanted || os_events_watch(OS_EVENT_FORK, out).code)
        *out = OS_NO_HANDLE;
}

/* A number belongs to the tree until it is reused, and the events report that too. So the number of
 * a dead parent is proof enough. */
static bool is_of_member(const struct scope *scope, const struct os_event *event)
{
    const struct process_identity *parent = lineage_find(&scope->lineage, event->parent);
    return (event->parent == scope->ward.id.pid && !scope->ward_passed_on) ||
           (parent && (parent->start == ENDED || parent->start <= event->latest_start));
}

/* The event holds only for the process that had the number at that time. */
static struct process_identity child_of(const struct os_event *event)
{
    struct process_row row = {0};
    if (os_process_row(event->pid, &row).code || row.id.start > event->latest_start)
        return (struct process_identity){event->pid, ENDED};
    return row.id;
}

/* The birth of the ward itself: `run` subscribes before the ward is started. */
static bool is_own_birth(const struct scope *scope, const struct os_event *event)
{
    const struct process_identity parent = {event->parent, 0};
    return !scope->attached && protected_has(&scope->protected, parent);
}

static void born(void *context, const struct os_event *event)
{
    struct scope *scope = context;
    bool ours = is_of_member(scope, event);
    if (event->pid == scope->ward.id.pid && !is_own_birth(scope, event))
        scope->ward_passed_on = true;
    lineage_forget(&scope->lineage, event->pid);
    if (ours)
        lineage_remember(&scope->lineage, child_of(event));
}

static void mark_ended(struct scope *scope)
{
    for (size_t i = 0; i < scope->lineage.known.count; i++) {
        struct process_row row;
        struct process_identity *id = &scope->lineage.known.list[i];
        if (os_process_row(id->pid, &row).code || !process_is_same(row.id, *id))
            id->start = ENDED;
    }
}

static void drop_ended(struct scope *scope)
{
    size_t kept = 0;
    for (size_t i = 0; i < scope->lineage.known.count; i++)
        if (scope->lineage.known.list[i].start != ENDED)
            scope->lineage.known.list[kept++] = scope->lineage.known.list[i];
    scope->lineage.known.count = kept;
}

/* Once the queue is drained, no event can report a child of a member that exited before. Such
 * members are dropped. */
bool births_read(struct scope *scope)
{
    enum os_events_left left;
    bool whole = true;
    bool prune = scope->lineage.known.count >= scope->lineage.prune_at;
    if (scope->lineage.births == OS_NO_HANDLE)
        return true;
    if (prune)
        mark_ended(scope);
    for (int losses = 0;
         (left = os_events_read(scope->lineage.births, born, scope)) == OS_EVENTS_LOST &&
         losses < LOSSES_AT_MOST;
         losses++) {
        /* A number may have been reused without an event: losing an orphan is better than killing
         * an innocent. */
        mark_ended(scope);
        drop_ended(scope);
        scope->ward_passed_on |= os_process_ended(&scope->ward);
        scope->lineage.births_lost = true;
        whole = false;
    }
    scope->lineage.births_behind = left != OS_EVENTS_NONE;
    if (scope->lineage.births_behind)
        return false;
    drop_ended(scope);
    if (prune)
        scope->lineage.prune_at = 2 * scope->lineage.known.count + FIRST_PRUNING;
    return whole;
}
