/* What Windows does not have: each says so, and a guard goes on without it. */
#include "os/windows/win.h"

static struct error absent(const char *what)
{
    return error_make(ERROR_UNSUPPORTED, ERROR_CALL_NOT_IMPLEMENTED, what, NULL);
}

/* ---- no limits that a guard inherits ---- */

void os_limits_raise(void)
{
}

struct error os_limits_suffice(size_t count)
{
    (void)count;
    return ERROR_OK;
}

/* ---- no mark that a child inherits and cannot take off ---- */

struct error os_brand_get(int32_t pid, struct brand_pair *out)
{
    (void)pid;
    (void)out;
    return absent("read the brand");
}

struct error os_brand_set(const struct os_process *process, struct brand_pair pair)
{
    (void)process;
    (void)pair;
    return absent("set the brand");
}

struct error os_process_user(int32_t pid, uint32_t *out)
{
    (void)pid;
    (void)out;
    return absent("tell a process's user");
}

bool os_may_raise_limits(void)
{
    return false;
}

bool os_environ_ward(int32_t pid, struct process_identity *ward, char brand[BRAND_TEXT_BYTES])
{
    (void)pid;
    (void)ward;
    (void)brand;
    return false;
}

/* ---- no memory that guards share, so none sees what another one has taken up ---- */

struct error os_alarm_make(os_handle *out)
{
    (void)out;
    return absent("make a timer");
}

void os_alarm_set(os_handle alarm, int64_t at_ms)
{
    (void)alarm;
    (void)at_ms;
}

/* ---- no signal at a guard's death: the job does that ---- */

struct error os_wire_open(struct os_wire **out)
{
    (void)out;
    return absent("make the wire");
}

struct error os_wire_prove(struct os_wire *wire)
{
    (void)wire;
    return absent("prove the wire");
}

struct error os_wire_arm_group(struct os_wire *wire, const struct process_row *witness)
{
    (void)wire;
    (void)witness;
    return absent("arm the wire");
}

struct error os_wire_arm_process(struct os_wire *wire, const struct process_row *witness)
{
    (void)wire;
    (void)witness;
    return absent("arm the wire");
}

uint32_t os_wire_look(struct os_wire *wire)
{
    (void)wire;
    return 0;
}

void os_wire_sweep(struct os_wire *wire, uint32_t look)
{
    (void)wire;
    (void)look;
}

size_t os_wire_armed(const struct os_wire *wire)
{
    (void)wire;
    return 0;
}

size_t os_wire_missed(const struct os_wire *wire)
{
    (void)wire;
    return 0;
}

size_t os_wire_room(const struct os_wire *wire)
{
    (void)wire;
    return 0;
}

void os_wire_disarm(struct os_wire *wire)
{
    (void)wire;
}

void os_wire_close(struct os_wire *wire)
{
    (void)wire;
}

/* ---- no events, no sd_notify ---- */

struct error os_events_watch(enum os_event_kind kind, os_handle *out)
{
    (void)kind;
    (void)out;
    return absent("hear of new processes");
}

struct error os_events_prove(void)
{
    return absent("hear of new processes");
}

enum os_events_left os_events_read(os_handle handle, os_event_told *told, void *context)
{
    (void)handle;
    (void)told;
    (void)context;
    return true;
}

bool os_has_pid_files(void)
{
    return false;
}

int32_t os_pid_file_read(const char *path)
{
    (void)path;
    return 0;
}

bool os_has_input_end(void)
{
    return false;
}

struct error os_input_watch(os_handle *out)
{
    (void)out;
    return absent("watch standard input for its end");
}

bool os_has_notify(void)
{
    return false;
}

/* A job goes with its last holder; a heartbeat file has no lock that tells whether it is in use. */
void os_leftovers_remove(void)
{
}

struct error os_notify_open(struct os_notify *out)
{
    (void)out;
    return error_make(ERROR_UNSUPPORTED, ERROR_CALL_NOT_IMPLEMENTED, "open a notify socket",
                      "Windows has no such sockets: beat with a file, --heartbeat");
}

bool os_notify_read(struct os_notify *notify, struct notify_message *out)
{
    (void)notify;
    (void)out;
    return false;
}

void os_notify_clear(struct os_notify *notify)
{
    (void)notify;
}

void os_notify_close(struct os_notify *notify)
{
    (void)notify;
}

/* ---- nobody adopts orphans ---- */

struct error os_subreaper_become(void)
{
    return absent("adopt orphans");
}

/* ---- no fork ---- */

struct error os_fork_guard(const char *name, int (*body)(void *context), void *context,
                           struct os_process *out)
{
    (void)name;
    (void)body;
    (void)context;
    (void)out;
    return absent("fork a guard");
}

void os_drop_inherited(enum os_stream first_kept)
{
    (void)first_kept;
}

void os_leave_folder(void)
{
}

void os_session_own(void)
{
}

/* ---- no pid namespaces ---- */

bool os_has_isolation(void)
{
    return false;
}

/* ---- no job control ---- */

bool os_has_job_control(void)
{
    return false;
}

void os_terminal_open(struct os_terminal *terminal)
{
    *terminal = (struct os_terminal){.handle = OS_NO_HANDLE};
}

void os_terminal_close(struct os_terminal *terminal)
{
    (void)terminal;
}

bool os_terminal_is_ours(const struct os_terminal *terminal)
{
    (void)terminal;
    return false;
}

void os_terminal_give(const struct os_terminal *terminal, int32_t group)
{
    (void)terminal;
    (void)group;
}

bool os_terminal_take(const struct os_terminal *terminal, int32_t group)
{
    (void)terminal;
    (void)group;
    return false;
}

void os_terminal_reset_screen(const struct os_terminal *terminal)
{
    (void)terminal;
}

void os_terminal_restore(const struct os_terminal *terminal)
{
    (void)terminal;
}

bool os_stop_self(int signal, bool group)
{
    (void)signal;
    (void)group;
    return false;
}

/* The command's own status says it. */
void os_end_self_by_interrupt(void)
{
}
