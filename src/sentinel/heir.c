#include "sentinel/heir.h"

#include "base/moment.h"
#include "sentinel/sentinel.h"
#include "tree/census.h"
#include "tree/find.h"

#include <string.h>

#define FIRST_LOOK_MS 50

int64_t heir_next_look(const struct heir *heir)
{
    return heir->look_ms == 0 ? INT64_MAX : heir->look_ms;
}

bool heir_may_come(const struct sentinel *sentinel)
{
    return sentinel->heir.pid_file || !sentinel->plan.fall_on_exit;
}

bool heir_await(struct sentinel *sentinel, int64_t now_ms)
{
    struct heir *heir = &sentinel->heir;
    if (!heir_may_come(sentinel))
        return false;
    heir->until_ms = heir->pid_file ? moment_after(now_ms, sentinel->plan.kill_delay_ms) : now_ms;
    heir->look_ms = now_ms;
    heir->gap_ms = FIRST_LOOK_MS;
    return true;
}

static const struct process_row *member_of(const struct census *census, int32_t pid)
{
    for (size_t i = 0; i < census->member_count; i++)
        if (census->members[i].row.id.pid == pid)
            return &census->members[i].row;
    return NULL;
}

/* The old handle stays open: the partner waits for the same handle number. */
static bool take_ward(struct scope *scope, const struct process_row *row)
{
    struct os_process ward;
    if (os_process_open(row->id, &ward).code || os_process_ended(&ward))
        return false;
    scope->ward = ward;
    scope->ward_passed_on = false;
    memcpy(scope->ward_name, row->name, sizeof scope->ward_name);
    return true;
}

/* The file alone is no proof: only a member becomes the ward. */
static bool find_heir(struct sentinel *sentinel)
{
    int32_t pid = sentinel->heir.pid_file ? os_pid_file_read(sentinel->heir.pid_file) : 0;
    struct census census;
    bool taken = false;
    if (pid <= 1)
        return false;
    census_init(&census);
    census_take(&census, sentinel->scope);
    const struct process_row *row = member_of(&census, pid);
    if (row)
        taken = take_ward(sentinel->scope, row);
    census_done(&census);
    return taken;
}

enum heir_news heir_look(struct sentinel *sentinel, int64_t now_ms)
{
    struct heir *heir = &sentinel->heir;
    if (now_ms < heir_next_look(heir))
        return HEIR_NONE;
    bool taken = find_heir(sentinel);
    bool over =
        now_ms >= heir->until_ms && (sentinel->plan.fall_on_exit || find_none(sentinel->scope));
    heir->look_ms = taken || over ? 0 : moment_after(now_ms, heir->gap_ms);
    if (now_ms >= heir->until_ms && 2 * heir->gap_ms <= sentinel->plan.kill_delay_ms)
        heir->gap_ms *= 2;
    if (taken)
        return HEIR_TAKEN;
    return over ? HEIR_GONE : HEIR_NONE;
}
