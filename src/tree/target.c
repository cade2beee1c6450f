#include "tree/target.h"

struct search {
    struct scope *scope;
    struct target *target;
    int32_t pid;
    uint64_t starts[BRANDS_MAX]; /* per brand of the scope: the start time of its ward */
};

static struct error own_refused(void)
{
    return error_make(ERROR_REFUSED, 0, "kill treefall itself or its own ancestor",
                      "run it from elsewhere (setsid, another terminal)");
}

/* A dead leader of our session or group counts as an ancestor: the processes that it left include
 * us, and whatever is connected to us by a pipe. */
static bool led_us(int32_t pid)
{
    struct process_row own = {0};
    return !os_process_row(os_process_self(), &own).code &&
           (own.group == pid || own.session == pid);
}

static struct error check_allowed(const struct scope *scope, int32_t pid)
{
    if (pid == 1)
        return error_make(ERROR_REFUSED, 0, "kill pid 1",
                          "it is the init of this system or container");
    if (protected_has(&scope->protected, (struct process_identity){pid, 0}))
        return own_refused();
    return ERROR_OK;
}

static void drop_brand(struct search *search, size_t at)
{
    struct scope *scope = search->scope;
    size_t last = --scope->brands.count;
    scope->brands.list[at] = scope->brands.list[last];
    search->starts[at] = search->starts[last];
}

/* If several wards had the number one after another, the last one is meant. That is decided for
 * each user alone: a brand of another user does not outdate this one. */
static bool is_outdated(struct search *search, const struct brand *brand, uint64_t start)
{
    const struct scope *scope = search->scope;
    for (size_t i = scope->brands.count; i-- > 0;) {
        const struct brand *other = &scope->brands.list[i];
        if (other->user != brand->user)
            continue;
        if (search->starts[i] > start ||
            (search->starts[i] == start && other->level == brand->level &&
             brand_same(other->value, brand->value)))
            return true;
        if (search->starts[i] < start)
            drop_brand(search, i);
    }
    return false;
}

static void take_brand(struct search *search, const struct brand *brand, uint64_t start)
{
    struct scope *scope = search->scope;
    if (is_outdated(search, brand, start) || scope->brands.count == BRANDS_MAX)
        return;
    search->starts[scope->brands.count] = start;
    scope->brands.list[scope->brands.count++] = *brand;
    search->target->by_brand = true;
}

/* The environment names the ward of the process. The brand that the process carries confirms it,
 * but only for processes of the same user, who may have copied both from another tree. A ward is
 * never younger than the processes that it started. */
static void take_environ(struct search *search, const struct process_row *row)
{
    uint64_t ward_start = search->scope->ward.id.start; /* 0 = the ward is dead */
    struct process_identity ward;
    char text[BRAND_TEXT_BYTES];
    struct brand brand;
    if (!row->user_known || !os_environ_ward(row->id.pid, &ward, text) || ward.pid != search->pid ||
        ward.start > row->id.start || (ward_start != 0 && ward.start != ward_start) ||
        !brand_from_text(text, &brand) || !brand_covers(&brand, row->brand))
        return;
    brand.user = row->user;
    take_brand(search, &brand, ward.start);
}

static void look_for_orphan(void *context, const struct process_row *row)
{
    struct search *search = context;
    if (row->state == PROCESS_DEAD)
        return;
    /* A number that is still in use as a group or session cannot have been given to another
     * process. */
    if (row->group == search->pid || row->session == search->pid) {
        search->scope->group_session = search->pid;
        search->target->by_group = true;
    }
    take_environ(search, row);
}

static struct error find_dead(struct search *search)
{
    if (led_us(search->pid))
        return own_refused();
    struct error error = os_scan(SCAN_FULL, look_for_orphan, search);
    if (error.code)
        return error;
    if (search->target->by_group || search->target->by_brand)
        return ERROR_OK;
    error = os_can_look_up();
    if (error.code)
        return error_make(ERROR_UNSUPPORTED, 0, "find the orphans of a dead process", error.advice);
    return error_make(
        ERROR_NOT_FOUND, 0, "find the process or any orphans of it",
        os_has_route(ROUTE_BRAND)
            ? "it is dead, and no process is left in its process group or session or with its "
              "brand; orphans that left these cannot be told from unrelated processes"
            : "it is dead, and its orphans cannot be told from those of an earlier process with "
              "the same pid");
}

static struct error find_living(struct search *search, const struct process_row *row)
{
    if (row->is_kernels)
        return error_make(ERROR_REFUSED, 0, "kill a kernel thread", "give the pid of a process");
    struct process_row own = *row;
    own.brand_known = !os_brand_get(row->id.pid, &own.brand).code;
    own.user_known = own.brand_known && !os_process_user(row->id.pid, &own.user).code;
    take_environ(search, &own);
    if (os_strike_handle(&search->scope->ward, 0) == STRIKE_DENIED)
        return error_make(ERROR_DENIED, 0, "kill another user's process",
                          "run treefall as that user or as root");
    return ERROR_OK;
}

struct error target_find(struct scope *scope, int32_t pid, struct target *out)
{
    struct target target = {0};
    struct search search = {.scope = scope, .target = &target, .pid = pid};
    struct process_row row = {0};
    protected_add_ancestry(&scope->protected);
    struct error error = check_allowed(scope, pid);
    if (error.code)
        return error;
    error = os_can_signal();
    if (error.code)
        return error;
    error = os_process_open((struct process_identity){pid, 0}, &scope->ward);
    target.alive = !error.code && !os_process_row(pid, &row).code && row.state != PROCESS_DEAD;
    if (target.alive)
        error = find_living(&search, &row);
    else if (!error.code || error.code == ERROR_GONE)
        error = find_dead(&search);
    if (!error.code)
        *out = target;
    return error;
}

const char *target_unknown(const struct target *target)
{
    if (target->by_brand)
        return NULL;
    if (target->alive)
        return "it was not guarded: descendants that were orphaned without a trace cannot be found";
    return "it is dead and was not guarded: only processes in its process group or session, and "
           "their descendants, can be found";
}
