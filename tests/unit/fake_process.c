/* The scripted OS: processes, their limits, the process table, and the signals that they get. */
#include "fake_os.h"

#include "fake_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct fake_process processes[FAKE_PROCESSES];
static size_t process_count;
static uint64_t last_start;

/* ---- who there is ---- */

struct fake_process *fake_find(int32_t pid)
{
    for (size_t i = process_count; i-- > 0;)
        if (processes[i].row.id.pid == pid && !processes[i].reaped)
            return &processes[i];
    return NULL;
}

struct fake_process *fake_add(int32_t pid, int32_t ppid)
{
    assert_true(process_count < FAKE_PROCESSES);
    assert_null(fake_find(pid));
    struct fake_process *process = &processes[process_count++];
    *process = (struct fake_process){.limits = {BRAND_UNLIMITED, BRAND_UNLIMITED}, .command = ""};
    process->row = (struct process_row){
        .id = {pid, ++last_start}, .ppid = ppid, .group = pid, .session = FAKE_SHELL};
    snprintf(process->row.name, sizeof process->row.name, "p%d", pid);
    return process;
}

struct fake_process *fake_fork(int32_t pid, int32_t ppid)
{
    struct fake_process *parent = fake_find(ppid);
    struct fake_process *child = fake_add(pid, ppid);
    assert_non_null(parent);
    child->ours = true;
    child->limits = parent->limits;
    child->row.group = parent->row.group;
    child->row.session = parent->row.session;
    return child;
}

bool fake_alive(int32_t pid)
{
    const struct fake_process *process = fake_find(pid);
    return process && process->row.state != PROCESS_DEAD;
}

size_t fake_ours_alive(void)
{
    size_t alive = 0;
    for (size_t i = 0; i < process_count; i++)
        alive += processes[i].ours && processes[i].row.state != PROCESS_DEAD;
    return alive;
}

bool fake_process_ended(size_t index)
{
    return processes[index].row.state == PROCESS_DEAD;
}

uint64_t fake_latest_start(void)
{
    return last_start;
}

/* ---- how they end ---- */

/* Init and the shell reap at once, we when we ask, and no other ever. */
static void orphan(struct fake_process *process)
{
    bool dead = process->row.state == PROCESS_DEAD;
    process->row.ppid = fake.reaper;
    process->reaped = dead && fake.reaper == 1;
}

static void end(struct fake_process *process)
{
    process->row.state = PROCESS_DEAD;
    for (size_t i = 0; i < process_count; i++)
        if (processes[i].row.ppid == process->row.id.pid && !processes[i].reaped)
            orphan(&processes[i]);
    process->reaped = process->row.ppid == 1 || process->row.ppid == FAKE_SHELL;
    if (process->row.ppid == fake.self && fake.signal_count == 0)
        fake.signals[fake.signal_count++] = (struct os_signal){.number = FAKE_CHILD};
}

void fake_end(int32_t pid)
{
    struct fake_process *process = fake_find(pid);
    if (process && process->row.state != PROCESS_DEAD)
        end(process);
}

struct fake_process *fake_recycle(int32_t pid)
{
    fake_end(pid);
    struct fake_process *dead = fake_find(pid);
    if (dead)
        dead->reaped = true;
    return fake_add(pid, 1);
}

/* ---- opening ---- */

static struct error gone(const char *what)
{
    return error_make(ERROR_GONE, 3, what, NULL);
}

static os_handle open_handle(const struct fake_process *process)
{
    return fake_handle(FAKE_PROCESS, (size_t)(process - processes));
}

os_handle fake_handle_of(int32_t pid)
{
    return open_handle(fake_find(pid));
}

struct error os_process_open(struct process_identity id, struct os_process *out)
{
    fake_race(BEFORE_OPEN, id.pid);
    const struct fake_process *process = fake_find(id.pid);
    if (!process || process->row.state == PROCESS_DEAD ||
        (id.start != 0 && id.start != process->row.id.start))
        return gone("open a process");
    *out = (struct os_process){process->row.id, open_handle(process)};
    return ERROR_OK;
}

struct error os_can_look_up(void)
{
    return fake.row_error;
}

struct error os_can_signal(void)
{
    return ERROR_OK;
}

struct error os_process_watch(int32_t pid, struct os_process *out)
{
    const struct fake_process *process = fake_find(pid);
    if (!process)
        return gone("open a process");
    *out = (struct os_process){{pid, 0}, open_handle(process)};
    return ERROR_OK;
}

bool os_caller_is_lost(os_handle caller)
{
    uint32_t ready = 0;
    return caller != OS_NO_HANDLE && !os_wait(&caller, 1, 0, &ready).code && ready != 0;
}

void os_process_close(struct os_process *process)
{
    os_handle_close(&process->handle);
}

bool os_process_ended(const struct os_process *process)
{
    return fake_process_ended(fake_handle_index(process->handle));
}

struct error os_process_row(int32_t pid, struct process_row *out)
{
    fake_race(BEFORE_ROW, pid);
    const struct fake_process *process = fake_find(pid);
    if (fake.row_error.code)
        return fake.row_error;
    if (!process)
        return gone("read a process");
    *out = process->row;
    return ERROR_OK;
}

struct error os_process_command(int32_t pid, char *out, size_t capacity)
{
    const struct fake_process *process = fake_find(pid);
    if (!process)
        return gone("read a command line");
    if (!process->command)
        return error_make(ERROR_DENIED, 13, "read a command line", NULL);
    snprintf(out, capacity, "%s", process->command);
    return ERROR_OK;
}

int32_t os_process_tracer(int32_t pid)
{
    const struct fake_process *process = fake_find(pid);
    return process ? process->tracer : 0;
}

int32_t os_process_self(void)
{
    return fake.self;
}

uint32_t os_user(void)
{
    return 0;
}

struct error os_process_user(int32_t pid, uint32_t *out)
{
    const struct fake_process *process = fake_find(pid);
    *out = pid == fake.self ? fake.own_user : process ? process->row.user : 0;
    return pid == fake.self || process ? ERROR_OK : gone("read a process's user");
}

void os_process_ancestry(os_process_told *told, void *context)
{
    for (const struct fake_process *at = fake_find(fake.self); at; at = fake_find(at->row.ppid))
        told(context, at->row.id);
}

bool os_environ_ward(int32_t pid, struct process_identity *ward, char brand[BRAND_TEXT_BYTES])
{
    const struct fake_process *process = fake_find(pid);
    if (!process || process->environ_ward.pid == 0)
        return false;
    *ward = process->environ_ward;
    strcpy(brand, process->environ_brand);
    return true;
}

/* ---- signals that they get ---- */

static void take_signal(struct fake_process *process, int signal)
{
    int32_t pid = process->row.id.pid;
    if (signal == 0)
        return;
    process->touched = true;
    fake.strikes++;
    fake.last_signal = signal;
    fake.last_strike_ms = fake.now.now_ms;
    if (process->row.state == PROCESS_DEAD || process->stubborn)
        return;
    if (signal == FAKE_CONT && process->row.state == PROCESS_STOPPED)
        process->row.state = PROCESS_RUNS;
    bool ends = signal == FAKE_KILL || (signal == FAKE_TERM && process->heeds);
    if (ends && process->lasts_ms > 0)
        fake_after(process->lasts_ms, fake_step_end, pid);
    else if (ends)
        end(process);
}

static enum os_strike deliver(struct fake_process *process, int signal)
{
    if (process->foreign)
        return STRIKE_DENIED;
    if (process->reaped)
        return STRIKE_GONE;
    take_signal(process, signal);
    return STRIKE_SENT;
}

static bool is_refused(int32_t pid)
{
    return pid <= 1 || pid == fake.self || pid == FAKE_SHELL;
}

static bool is_carrier(const struct os_proof *proof, const struct fake_process *process)
{
    return proof->brand.count == 0 ||
           brand_proves(&proof->brand, process->limits, process->row.user);
}

enum os_strike os_strike(const struct os_proof *proof, int signal)
{
    fake_race(BEFORE_STRIKE, proof->id.pid);
    struct fake_process *process = fake_find(proof->id.pid);
    assert_true(proof->id.start != 0 || proof->brand.count > 0); /* a bare number is no proof */
    if (is_refused(proof->id.pid))
        return STRIKE_REFUSED;
    if (!process || (proof->id.start != 0 && proof->id.start != process->row.id.start))
        return STRIKE_GONE;
    return is_carrier(proof, process) ? deliver(process, signal) : STRIKE_UNPROVEN;
}

enum os_strike os_strike_handle(const struct os_process *process, int signal)
{
    size_t index = fake_handle_index(process->handle);
    if (is_refused(process->id.pid))
        return STRIKE_REFUSED;
    return deliver(&processes[index], signal);
}

enum os_strike os_strike_child(int32_t pid, int signal)
{
    struct fake_process *child = (struct fake_process *)fake_find(pid);
    if (is_refused(pid))
        return STRIKE_REFUSED;
    if (!child || child->row.state == PROCESS_DEAD)
        return STRIKE_GONE;
    return deliver(child, signal);
}

int os_signal_kill(void)
{
    return FAKE_KILL;
}

int os_signal_continue(void)
{
    return FAKE_CONT;
}

int os_signal_terminate(void)
{
    return FAKE_TERM;
}

/* ---- the table ---- */

static bool is_told(const struct fake_process *process, enum os_scan_depth depth)
{
    struct brand brand;
    if (process->reaped || process->elsewhere)
        return false;
    return depth == SCAN_FULL || brand_read(process->limits, &brand) == BRAND_PRESENT;
}

struct error os_scan(enum os_scan_depth depth, os_scan_row *row, void *context)
{
    fake_race(BEFORE_SCAN, 0);
    fake.scans++;
    for (size_t i = 0; i < process_count; i++) {
        struct process_row told = processes[i].row;
        if (!is_told(&processes[i], depth))
            continue;
        if (depth == SCAN_BRANDS)
            told = (struct process_row){.id.pid = told.id.pid, .user = told.user};
        told.user_known = brand_read(processes[i].limits, &(struct brand){0}) == BRAND_PRESENT;
        told.brand = processes[i].limits;
        told.brand_known = true;
        row(context, &told);
    }
    fake_race(AFTER_SCAN, 0);
    return fake.scan_error;
}

void os_scan_numbers(int32_t first, int32_t last, os_scan_row *row, void *context)
{
    for (size_t i = 0; i < process_count; i++) {
        int32_t pid = processes[i].row.id.pid;
        const struct process_row told = {.id.pid = pid,
                                         .user = processes[i].row.user,
                                         .user_known = true,
                                         .brand = processes[i].limits,
                                         .brand_known = true};
        if (pid >= first && pid <= last && is_told(&processes[i], SCAN_BRANDS))
            row(context, &told);
    }
}

void os_scan_pin(struct process_identity id)
{
    (void)id;
}

int32_t os_process_newest(void)
{
    return fake.newest;
}

size_t os_children_of(int32_t parent, int32_t *pids, size_t capacity)
{
    size_t count = 0;
    for (size_t i = 0; i < process_count && count < capacity; i++)
        if (processes[i].row.ppid == parent && !processes[i].reaped)
            pids[count++] = processes[i].row.id.pid;
    return count;
}

size_t os_children(int32_t *pids, size_t capacity)
{
    return os_children_of(fake.self, pids, capacity);
}

bool os_has_children(void)
{
    int32_t pid;
    return os_children(&pid, 1) > 0;
}

enum os_reaped os_child_reap(struct os_exit *out)
{
    bool any = false;
    for (size_t i = 0; i < process_count; i++) {
        if (processes[i].row.ppid != fake.self || processes[i].reaped)
            continue;
        any = true;
        if (processes[i].row.state != PROCESS_DEAD)
            continue;
        processes[i].reaped = true;
        *out = (struct os_exit){processes[i].row.id.pid, EXIT_SIGNAL, FAKE_KILL};
        return REAPED_ONE;
    }
    return any ? REAPED_NONE_NOW : REAPED_NO_CHILDREN;
}

/* ---- the brand ---- */

struct error os_brand_get(int32_t pid, struct brand_pair *out)
{
    const struct fake_process *process = fake_find(pid);
    if (pid != 0 && pid != fake.self && !process)
        return gone("read a process's brand");
    *out = pid == 0 || pid == fake.self ? fake.own_limits : process->limits;
    return ERROR_OK;
}

/* By its number, as on Linux: what got it meanwhile is not branded for long. */
struct error os_brand_set(const struct os_process *target, struct brand_pair pair)
{
    struct fake_process *process;
    if (!target)
        return ERROR_OK;
    fake_race(BEFORE_BRAND, target->id.pid);
    process = fake_find(target->id.pid);
    if (!process || fake_process_ended(fake_handle_index(target->handle)))
        return gone("brand a process");
    int32_t pid = target->id.pid;
    if (process->foreign || (!fake.may_raise && pair.hard > process->limits.hard) ||
        pair.soft > pair.hard)
        return error_make(ERROR_DENIED, 1, "brand a process", NULL);
    if (!process->ours)
        fail_msg("the innocent %d was branded", pid);
    process->limits = pair;
    return ERROR_OK;
}

bool os_may_raise_limits(void)
{
    return fake.may_raise;
}

/* ---- the container ---- */

bool os_has_route(enum route route)
{
    return route != ROUTE_JOB;
}

enum route os_container_route(void)
{
    return ROUTE_CGROUP;
}

bool os_process_is_there(struct process_identity id)
{
    struct process_row row = {0};
    return !os_process_row(id.pid, &row).code && row.id.start == id.start;
}

struct error os_container_make(struct os_container *out)
{
    if (fake.no_cgroups)
        return error_make(ERROR_UNSUPPORTED, 0, "create a cgroup", NULL);
    out->handle = fake_handle(FAKE_CHANNEL, 0);
    return ERROR_OK;
}

struct error os_container_kill(const struct os_container *container)
{
    fake_handle_index(container->handle);
    for (size_t i = 0; i < process_count; i++)
        if (processes[i].row.contained && !processes[i].reaped)
            take_signal(&processes[i], FAKE_KILL);
    return ERROR_OK;
}

bool os_container_has(const struct os_container *container, int32_t pid)
{
    const struct fake_process *process = fake_find(pid);
    fake_handle_index(container->handle);
    return process && process->row.contained;
}

bool os_container_members(const struct os_container *container,
                          void (*member)(void *context, int32_t pid), void *context)
{
    fake_handle_index(container->handle);
    for (size_t i = 0; i < process_count; i++)
        if (processes[i].row.contained && !processes[i].reaped)
            member(context, processes[i].elsewhere ? 0 : processes[i].row.id.pid);
    return true;
}

bool os_container_is_empty(const struct os_container *container, int64_t until_ms)
{
    uint32_t ready;
    fake_handle_index(container->handle);
    for (size_t i = 0; i < process_count; i++)
        if (processes[i].row.contained && !processes[i].reaped &&
            processes[i].row.state != PROCESS_DEAD) {
            os_wait(NULL, 0, until_ms, &ready);
            return false;
        }
    return true;
}

void os_container_remove(struct os_container *container)
{
    os_handle_close(&container->handle);
}

struct error os_subreaper_become(void)
{
    fake.reaper = fake.self;
    return ERROR_OK;
}

/* ---- a test's begin and end ---- */

void fake_processes_reset(void)
{
    process_count = 0;
    last_start = 1000;
    fake_add(1, 0);
    fake_add(FAKE_SHELL, 1);
    fake_add(FAKE_SELF, FAKE_SHELL);
    fake_add(60, FAKE_SHELL); /* innocents: a job of the same shell, its child, a daemon */
    fake_add(61, 60);
    fake_add(62, 1);
}

void fake_check(void)
{
    for (size_t i = 0; i < process_count; i++)
        if (processes[i].touched && !processes[i].ours)
            fail_msg("the innocent %d was struck", processes[i].row.id.pid);
    fake_wire_check();
    assert_int_equal(fake_open_handles(), 0);
}
