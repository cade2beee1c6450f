#include "tree/keep.h"

#include "base/pattern.h"

#include <stdatomic.h>

/* A longer command line counts as unreadable. */
#define COMMAND_BYTES ((size_t)256 * 1024)
#define KEPT_AT_MOST  4096

struct kept {
    struct process_identity id;
    int32_t by;
};

/* Shared by the guards and written without a lock. If two guards write at once, one entry may be
 * lost; it is learned again as long as the parent lives. */
struct kept_list {
    _Atomic size_t count;
    struct kept items[KEPT_AT_MOST];
};

void keep_begin(struct scope *scope, const char *const *patterns, size_t count)
{
    scope->keep.patterns = patterns;
    scope->keep.count = count;
    if (count > 0)
        scope->keep.kept = os_pages_shared(sizeof *scope->keep.kept);
}

void keep_end(struct scope *scope)
{
    os_pages_free(scope->keep.kept, sizeof *scope->keep.kept);
    scope->keep.kept = NULL;
}

/* ---- processes that a pattern names ---- */

static bool matches(const struct scope *scope, const char *text)
{
    for (size_t i = 0; i < scope->keep.count; i++)
        if (pattern_matches(scope->keep.patterns[i], text))
            return true;
    return false;
}

/* All programs of a virtual machine have its process name, so the command line is compared too. */
static enum keep_answer ask_command(const struct scope *scope, int32_t pid)
{
    char *command = os_pages(COMMAND_BYTES);
    if (!command)
        return KEEP_CANNOT_TELL;
    struct error error = os_process_command(pid, command, COMMAND_BYTES);
    enum keep_answer answer = KEEP_NO;
    if (error.code)
        answer = error.code == ERROR_GONE ? KEEP_NO : KEEP_CANNOT_TELL;
    else if (matches(scope, command))
        answer = KEEP_YES;
    os_pages_free(command, COMMAND_BYTES);
    return answer;
}

enum keep_answer keep_names(const struct scope *scope, const struct process_row *row)
{
    if (scope->keep.count == 0)
        return KEEP_NO;
    if (matches(scope, row->name))
        return KEEP_YES;
    return row->state == PROCESS_DEAD ? KEEP_NO : ask_command(scope, row->id.pid);
}

/* ---- processes that a named process started ---- */

static int32_t recall(const struct scope *scope, struct process_identity id)
{
    const struct kept_list *list = scope->keep.kept;
    size_t count = list ? atomic_load(&list->count) : 0;
    for (size_t i = 0; i < count; i++)
        if (process_is_same(list->items[i].id, id))
            return list->items[i].by;
    return 0;
}

static struct kept *free_place(struct kept_list *list)
{
    size_t count = atomic_load(&list->count);
    if (count < KEPT_AT_MOST)
        return &list->items[count];
    for (size_t i = 0; i < count; i++)
        if (!os_process_is_there(list->items[i].id))
            return &list->items[i];
    return NULL;
}

/* The process stays kept when its parent is gone. */
static void remember(struct scope *scope, const struct process_row *row)
{
    struct kept_list *list = scope->keep.kept;
    if (!list || row->id.start == 0 || recall(scope, row->id) != 0)
        return;
    struct kept *place = free_place(list);
    if (!place)
        return;
    *place = (struct kept){row->id, row->kept_by};
    size_t used = (size_t)(place - list->items) + 1;
    if (used > atomic_load(&list->count))
        atomic_store(&list->count, used);
}

static bool is_member(const struct process_row *row)
{
    return row->mark >= 0;
}

static void mark_named(struct census *census, const struct scope *scope)
{
    for (size_t i = 0; i < census->row_count; i++) {
        struct process_row *row = &census->rows[i];
        enum keep_answer answer = is_member(row) ? keep_names(scope, row) : KEEP_NO;
        row->kept_by = answer == KEEP_YES ? row->id.pid : 0;
        row->keep_untold = answer == KEEP_CANNOT_TELL;
        if (answer != KEEP_YES && is_member(row))
            row->kept_by = recall(scope, row->id);
    }
}

/* A process is in the session of another only by birth, so an orphan in it descends from its
 * leader. */
static const struct process_row *leader_of(const struct census *census,
                                           const struct process_row *row)
{
    const struct process_row *leader =
        row->session > 0 ? tree_find(census->rows, census->row_count, row->session) : NULL;
    return leader && leader->session == leader->id.pid && leader->id.start <= row->id.start ? leader
                                                                                            : NULL;
}

static bool inherit(struct process_row *row, const struct process_row *from)
{
    if (!from || from == row || !is_member(from) || row->kept_by != 0)
        return false;
    bool news = from->kept_by != 0 || (from->keep_untold && !row->keep_untold);
    row->kept_by = from->kept_by;
    row->keep_untold |= from->keep_untold;
    return news;
}

/* True when a row was marked: processes that it started may come earlier in the table. */
static bool mark_started(struct census *census, struct scope *scope)
{
    bool news = false;
    for (size_t i = 0; i < census->row_count; i++) {
        struct process_row *row = &census->rows[i];
        if (!is_member(row) || row->kept_by != 0)
            continue;
        bool marked = inherit(row, tree_parent(census->rows, census->row_count, row));
        marked |= inherit(row, leader_of(census, row));
        if (row->kept_by != 0)
            remember(scope, row);
        news |= marked;
    }
    return news;
}

void keep_mark(struct census *census, struct scope *scope)
{
    if (scope->keep.count == 0)
        return;
    mark_named(census, scope);
    while (mark_started(census, scope))
        ;
    for (size_t i = 0; i < census->member_count; i++) {
        struct process_row *member = &census->members[i].row;
        const struct process_row *row = tree_find(census->rows, census->row_count, member->id.pid);
        bool found = row && process_is_same(row->id, member->id);
        member->kept_by = found ? row->kept_by : 0;
        member->keep_untold = !found || row->keep_untold;
    }
}
