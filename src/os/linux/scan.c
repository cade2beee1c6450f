/* One pass over the process table. The numbers come from readdir of /proc. If procfs hides
 * processes or is missing, every number is tried with prlimit(2). */
#include "base/text.h"
#include "os/linux/brand.h"
#include "os/linux/proc.h"
#include "os/linux/sys.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define ENTRIES_BYTES 8192
#define PIDS_AT_MOST  4194304

struct pass {
    enum os_scan_depth depth;
    os_scan_row *row;
    void *context;
    struct error unseen; /* why some processes could not be looked at */
};

static void brand_look(struct pass *pass, int32_t pid, struct process_row *row)
{
    struct brand_pair pair;
    struct brand brand;
    struct error error =
        pass->depth == SCAN_BRANDS ? brand_get_signalable(pid, &pair) : os_brand_get(pid, &pair);
    if (error.code)
        return;
    row->brand = pair;
    row->brand_known = true;
    if (brand_read(pair, &brand) != BRAND_PRESENT)
        return;
    error = os_process_user(pid, &row->user);
    row->user_known = !error.code;
    if (error.code == ERROR_SYSTEM)
        pass->unseen = error;
}

static void visit_brand(struct pass *pass, int32_t pid)
{
    struct process_row row = {.id.pid = pid};
    struct brand brand;
    brand_look(pass, pid, &row);
    if (row.brand_known && brand_read(row.brand, &brand) == BRAND_PRESENT)
        pass->row(pass->context, &row);
}

/* The brand is read last. If the number passes to another process in between, a dead stranger's row
 * gets a member's brand, and not a living stranger's. */
static void visit_row(struct pass *pass, int32_t pid)
{
    struct process_row row = {.id.pid = pid};
    struct error error = os_process_row(pid, &row);
    brand_look(pass, pid, &row);
    /* If /proc does not show the process, only its brand is reported. */
    if (!error.code || row.brand_known)
        pass->row(pass->context, &row);
    if (error.code == ERROR_SYSTEM)
        pass->unseen = error;
}

static void visit(struct pass *pass, int32_t pid)
{
    if (pass->depth == SCAN_BRANDS)
        visit_brand(pass, pid);
    else
        visit_row(pass, pid);
}

static struct error scan_entries(int folder, struct pass *pass)
{
    _Alignas(struct sys_entry) char entries[ENTRIES_BYTES];
    long got;
    while ((got = syscall(SYS_getdents64, folder, entries, sizeof entries)) > 0) {
        for (long at = 0; at < got;) {
            const struct sys_entry *entry = (const struct sys_entry *)(entries + at);
            const char *name = entry->name;
            at += entry->length;
            if (*name < '1' || *name > '9')
                continue;
            int32_t pid = (int32_t)text_number(&name);
            if (*name == '\0')
                visit(pass, pid);
        }
    }
    return got == 0 ? ERROR_OK : error_make(ERROR_SYSTEM, errno, "list /proc", NULL);
}

static int32_t pid_max(void)
{
    char text[32];
    const char *at = text;
    if (proc_read_path("/proc/sys/kernel/pid_max", text, sizeof text) <= 0)
        return PIDS_AT_MOST;
    uint64_t max = text_number(&at);
    return max > 0 && max < PIDS_AT_MOST ? (int32_t)max : PIDS_AT_MOST;
}

static void visit_numbers(struct pass *pass, int32_t first, int32_t last)
{
    /* Most numbers are unused: a system call costs less than opening a file. A thread's number
     * answers kill and prlimit like its process, but leads no thread group. */
    for (int32_t pid = first; pid <= last; pid++)
        if (sys_tgkill(pid, pid, 0) == 0 || errno != ESRCH)
            visit(pass, pid);
}

void os_scan_numbers(int32_t first, int32_t last, os_scan_row *row, void *context)
{
    struct pass pass = {.depth = SCAN_BRANDS, .row = row, .context = context};
    visit_numbers(&pass, first, last);
}

/* With hidepid, a set-uid or non-dumpable member (ssh-agent) is not listed. */
static bool hides_processes(void)
{
    struct stat unused;
    return stat("/proc/1", &unused) < 0 && errno == ENOENT;
}

/* Trying every number takes seconds: do not do it for a failure that the next pass will not
 * meet. */
static bool is_passing(int os_code)
{
    return os_code != ENOENT;
}

struct error os_scan(enum os_scan_depth depth, os_scan_row *row, void *context)
{
    struct pass pass = {.depth = depth, .row = row, .context = context};
    bool listed = proc_is_ours() && !hides_processes();
    int folder = listed ? open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    struct error error = ERROR_OK;
    if (folder >= 0)
        error = scan_entries(folder, &pass);
    else if (listed && is_passing(errno))
        error = error_make(ERROR_SYSTEM, errno, "list /proc", sys_advice(errno));
    else
        visit_numbers(&pass, 2, pid_max());
    if (folder >= 0)
        close(folder);
    return error.code ? error : pass.unseen;
}
