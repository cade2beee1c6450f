/* Every primitive that treefall needs of an operating system. The build picks one implementation:
 * src/os/linux, src/os/windows, or the scripted one of the unit tests. Nothing outside these
 * folders names an OS; what differs is asked for by capability.
 *
 * All calls return an error by value (code ERROR_NONE = success) and leave their outputs untouched
 * on failure. Times are milliseconds. Handles are owned by who opened them. None is thread-safe
 * unless it says so; none prints. */
#ifndef TREEFALL_OS_OS_H
#define TREEFALL_OS_OS_H

#include "core/brand.h"
#include "core/error.h"
#include "core/heartbeat.h"
#include "core/process.h"
#include "core/route.h"

#include <stddef.h>

#define OS_NO_HANDLE (-1)
#define OS_FOREVER   INT64_MAX

typedef intptr_t os_handle;

/* ---- time ------------------------------------------------------------------------------- */

/* All clocks, read at one point. */
void os_clock(struct clock_reading *out);
/* The monotonic clock, coarse (a few milliseconds) and cheap; safe in a signal handler. */
int64_t os_clock_coarse(void);
void os_random(void *bytes, size_t count);

/* ---- a process --------------------------------------------------------------------------- */

/* A process held by a handle that its number's next owner can never answer to. */
struct os_process {
    struct process_identity id;
    os_handle handle;
};

/* Opens `pid`. With a known start time (`start` not 0) the identity is proven after opening.
 * ERROR_GONE when it is dead or its number belongs to another. */
struct error os_process_open(struct process_identity id, struct os_process *out);
/* Only to be told of its end: no identity is read. */
struct error os_process_watch(int32_t pid, struct os_process *out);
/* Ourselves; an error if no process can be signalled here. */
struct error os_process_self_open(struct os_process *out);
struct error os_can_signal(void);
void os_process_close(struct os_process *process);
/* True once it has ended; a zombie has. */
bool os_process_ended(const struct os_process *process);
/* State, parent, group and name as of now. */
struct error os_process_row(int32_t pid, struct process_row *out);
/* Whether that very one still has its number, be it as a zombie. */
bool os_process_is_there(struct process_identity id);
/* The pid of the debugger that holds it, 0 = none. */
int32_t os_process_tracer(int32_t pid);
int32_t os_process_self(void);
int32_t os_process_parent(void);
int32_t os_process_session(void);
/* Our own user (the effective one). */
uint32_t os_user(void);
/* Ourselves and all our ancestors, `capacity` at most: never to be signalled. */
size_t os_process_ancestry(int32_t *pids, size_t capacity);

/* ---- signalling: the only place from which one is sent ------------------------------------- */

enum os_strike {
    STRIKE_SENT,
    STRIKE_GONE,     /* dead before; another process may have the number now: not touched */
    STRIKE_UNPROVEN, /* it could not be proven: not touched */
    STRIKE_DENIED,
    STRIKE_REFUSED, /* pid 1, ourselves, an ancestor */
    STRIKE_DEAF,    /* it was to be asked, and has nothing that it could hear that with */
};

/* What must hold of a process, checked after its handle was opened and before the signal. */
struct os_proof {
    struct process_identity id; /* start 0: the brand alone is the proof */
    const struct brand *brands; /* it must carry one of these as well, if brand_count > 0 */
    size_t brand_count;
};

enum os_strike os_strike(const struct os_proof *proof, int signal);
/* To a child of ours that we have not reaped: no proof is needed. */
enum os_strike os_strike_child(int32_t pid, int signal);
/* The same through a handle that is held already. */
enum os_strike os_strike_handle(const struct os_process *process, int signal);
/* To the process group that `leader`, a child of ours that is not reaped yet, made. */
enum os_strike os_strike_group(const struct os_process *leader, int signal);

/* ---- the process table ------------------------------------------------------------------- */

enum os_scan_depth {
    SCAN_BRANDS, /* pid and brand of branded processes only: cheap */
    SCAN_FULL,   /* all rows, all fields */
};

typedef void os_scan_row(void *context, const struct process_row *row);
/* One pass. Rows come in no promised order. */
struct error os_scan(enum os_scan_depth depth, os_scan_row *row, void *context);
/* The pids of our own living children, `capacity` at most. */
size_t os_children(int32_t *pids, size_t capacity);
/* TREEFALL_WARD of `pid`, "WARD:BRAND": says whose tree it was started in. A hint, to be confirmed
 * by the brand: a process can write what it likes there. */
bool os_environ_ward(int32_t pid, int32_t *ward, char brand[BRAND_TEXT_BYTES]);

/* ---- the brand --------------------------------------------------------------------------- */

struct error os_brand_get(int32_t pid, struct brand_pair *out);
/* Sets it on a process; 0 = ourselves. */
struct error os_brand_set(int32_t pid, struct brand_pair pair);
/* Whether a member of the tree could lose its brand: we hold the right to raise limits. */
bool os_may_raise_limits(void);

/* Whether this system has such a route at all. */
bool os_has_route(enum route route);
/* The one by which a container's members are known. */
enum route os_container_route(void);

/* ---- the container: a cgroup (Linux), a Job Object (Windows) -------------------------------- */

struct os_container {
    os_handle handle; /* OS_NO_HANDLE = none */
    char path[256];
    char cap_path[96]; /* of a cap that takes a place of its own; "" = none */
};

struct error os_container_make(struct os_container *out);
/* No more than `count` processes in it. */
struct error os_container_cap(struct os_container *container, uint64_t count);
/* Some members are to be kept: the end of its holders kills nobody any more. */
void os_container_spare(const struct os_container *container);
/* Ends all members at once. */
struct error os_container_kill(const struct os_container *container);
/* One around ourselves and all that we start from now on, which its last holder's end kills:
 * ERROR_UNSUPPORTED where a process cannot be enclosed as it runs. */
struct error os_enclosure_make(struct os_container *out);
struct error os_enclosure_enter(const struct os_container *container);
/* What we start from now on is where it would be without us, and nobody's end kills it. */
void os_enclosure_leave(const struct os_container *container);
/* All members as of now, those of containers inside it as well. */
void os_container_members(const struct os_container *container,
                          void (*member)(void *context, int32_t pid), void *context);
/* Whether `pid` is a member. */
bool os_container_has(const struct os_container *container, int32_t pid);
/* Removes the empty ones beside it whose guards were all killed. Returns how many. */
size_t os_container_prune(const struct os_container *beside);
/* Closes it, and removes what is visible of it once it is empty (waits a second for that at most).
 */
void os_container_remove(struct os_container *container);

/* ---- the wire: the kernel kills when the last guard dies ------------------------------------ */

/* Both guards share it: what one arms is armed for the other too. */
struct os_wire;
struct error os_wire_open(struct os_wire **out);
/* Proves on a throw-away process that a guard's death sends the signals. */
struct error os_wire_prove(struct os_wire *wire);
/* The witness' process group, which the tree made itself, or the witness alone. It is looked at
 * once more before the wire is live: its number may have passed to an innocent. Start 0: it cannot,
 * as a child of ours that is not reaped. Arming twice is free. */
struct error os_wire_arm_group(struct os_wire *wire, const struct process_row *witness);
struct error os_wire_arm_process(struct os_wire *wire, const struct process_row *witness);
/* Lets go of what was not armed again since the last sweep. */
void os_wire_sweep(struct os_wire *wire);
size_t os_wire_armed(const struct os_wire *wire);
/* Nothing is killed any more when the guards end, and nothing is armed. */
void os_wire_disarm(struct os_wire *wire);
void os_wire_close(struct os_wire *wire);

/* ---- starting ------------------------------------------------------------------------------ */

struct os_spawn {
    char *const *argv;
    const char *const *environment;       /* NAME=VALUE to add or replace, NULL-terminated */
    const struct os_container *container; /* or NULL */
    const struct brand *brand;            /* or NULL */
    bool own_group;
    bool notify;            /* WATCHDOG_PID is set to the command's pid */
    uint64_t max_processes; /* 0 = no cap; without effect on root, see os_container_cap */
    bool isolate;           /* in a pid namespace of its own, whose init is ours */
    bool wait_all;     /* isolated: the init ends with the last process, not with the command */
    os_handle notices; /* isolated: where the init sends OS_NOTICE_STOPPED */
};

/* A channel_message kind: the command was stopped by the signal in `detail`. An init cannot be
 * stopped from inside, so nothing else shows it. */
#define OS_NOTICE_STOPPED 100

struct os_child {
    struct os_process process;
    os_handle gate;  /* closing it unsent ends the child */
    os_handle fault; /* tells of a failed exec */
    bool failed;     /* the exec failed */
};

/* Makes the command's process, in its container and group, branded, but not yet running the
 * command: so it can be guarded first. It ends by itself if we die before the release. */
struct error os_spawn_held(const struct os_spawn *spawn, struct os_child *out);
/* Lets it run. ERROR_NOT_FOUND or ERROR_DENIED when the command cannot be executed; the child
 * then ends and is to be reaped. */
struct error os_spawn_release(struct os_child *child);

/* A copy of ourselves that is no child in the eyes of os_child_reap, with our handles as they are
 * and will be, named `name`; `body` runs in it and its result is the status. */
struct error os_fork_guard(const char *name, int (*body)(void *context), void *context,
                           struct os_process *out);
/* Into a session of our own. The kernel takes its time for it (0.1 ms and more: a scheduling group
 * of its own), and holds up other forks meanwhile. */
void os_session_own(void);
/* Starts the program at `path` as nobody's child: it is an orphan at once, and no wait of ours ever
 * sees it. `handles` become its handles 3, 4, ... `*escape` says out of what it got. */
struct error os_spawn_orphan(const char *path, const os_handle *handles, size_t count,
                             enum escape *escape);
/* What that would say, tried on a process that never runs. */
enum escape os_escape_try(const char *path);
/* A session of our own, no standard handles, nothing open from `first` on, the root as folder. */
void os_detach(os_handle first);
void os_print(os_handle handle, const char *text);
/* The same with handles of its own, and for good: it outlives us. Not on Windows. */
struct error os_fork_detached(const char *name, int (*body)(void *context), void *context,
                              struct os_process *out);
/* Standard input, output and errors lead nowhere from now on. Not on Windows. */
void os_close_standard(void);
/* Waits for a guard to end and reaps it. */
void os_guard_reap(struct os_process *guard);

/* A pair of connected handles for messages between guards; kept over os_fork_guard. */
struct error os_channel_open(os_handle ends[2]);
struct channel_message {
    uint32_t kind;
    uint32_t detail;
    int64_t value;
};
/* A handle that is readable for all who hold it from os_dismiss on. Nobody's death makes it so. */
struct error os_dismissal_make(os_handle *out);
void os_dismiss(os_handle dismissal);
/* Whole messages of any size up to a few kilobytes. */
bool os_channel_transmit(os_handle channel, const void *message, size_t size);
/* False when there is none of that size now. `*closed` is set when there will be none again. */
bool os_channel_receive(os_handle channel, void *message, size_t size, bool *closed);
bool os_channel_send(os_handle channel, const struct channel_message *message);
bool os_channel_read(os_handle channel, struct channel_message *out, bool *closed);
void os_handle_close(os_handle *handle);

/* ---- our children ---------------------------------------------------------------------------- */

enum os_exit_kind { EXIT_CODE, EXIT_SIGNAL, EXIT_STOPPED, EXIT_CONTINUED };
struct os_exit {
    int32_t pid;
    enum os_exit_kind kind;
    int status; /* the code or the signal */
};
enum os_reaped { REAPED_ONE, REAPED_NONE_NOW, REAPED_NO_CHILDREN };
/* Takes one change of state without waiting. */
enum os_reaped os_child_reap(struct os_exit *out);
/* Orphans of the tree become our children. */
struct error os_subreaper_become(void);
bool os_has_children(void);

/* ---- signals that come to us ------------------------------------------------------------------
 */

struct os_signal {
    int number;
    int32_t sender; /* pid, 0 = the kernel */
    bool from_terminal;
};
enum os_signal_class {
    SIGNAL_FORWARD, /* passed on, nothing else */
    SIGNAL_STOP,    /* asks to end: TERM, INT */
    SIGNAL_HANGUP,
    SIGNAL_CHILD,    /* a child changed */
    SIGNAL_SUSPEND,  /* job control: TSTP */
    SIGNAL_TERMINAL, /* who gets it wants the terminal, and is in the background: TTIN, TTOU */
    SIGNAL_CONTINUE,
};
/* Every signal that can be is delivered through the handle from now on; os_spawn gives the command
 * back what we had inherited. */
struct error os_signals_take(os_handle *out);
bool os_signals_read(os_handle handle, struct os_signal *out);
/* Takes a SIGINT out of the queue; true if it was Ctrl-C. */
bool os_signals_take_key(void);
enum os_signal_class os_signal_class(int number);
int os_signal_terminate(void);
int os_signal_kill(void);
int os_signal_continue(void);
int os_signal_interrupt(void);

/* ---- the terminal ------------------------------------------------------------------------------
 */

struct os_terminal {
    os_handle handle; /* OS_NO_HANDLE = none controls us */
    int32_t our_group;
    bool eager; /* we are a shell's whole job, all of it on the terminal: the command gets it at
                 * once */
};
/* Whether a command can be given a process group and the terminal of its own. Where not, the keys
 * that end and stop reach it by themselves. */
bool os_has_job_control(void);
void os_terminal_open(struct os_terminal *terminal);
void os_terminal_close(struct os_terminal *terminal);
/* Whether our own process group is in the foreground. */
bool os_terminal_is_ours(const struct os_terminal *terminal);
/* Its settings are kept. */
void os_terminal_give(const struct os_terminal *terminal, int32_t group);
/* Takes it back if `group` has it, or a group that is gone; says if so. */
bool os_terminal_take(const struct os_terminal *terminal, int32_t group);
/* The settings that were kept, again. */
void os_terminal_restore(const struct os_terminal *terminal);
/* Stops us, or all our process group, by this signal of job control, or by SIGTSTP for any other.
 * Returns when we are continued; false if there is nobody who would, so that nothing was stopped.
 */
bool os_stop_self(int signal, bool group);
/* Ends us as Ctrl-C would. Returns where that cannot be: an init. */
void os_end_self_by_interrupt(void);

/* ---- process events, told by the kernel ------------------------------------------------------ */

enum os_event_kind {
    OS_EVENT_SESSION, /* a process made a session: rare */
    OS_EVENT_FORK,    /* wakes with every fork on the machine: only where nothing else will do */
};
/* A handle that is readable when such an event happened. */
struct error os_events_watch(enum os_event_kind kind, os_handle *out);
struct os_event {
    int32_t pid;
    int32_t parent;        /* 0 for a session */
    uint64_t latest_start; /* who has one of the numbers now and started later is another */
};
typedef void os_event_told(void *context, const struct os_event *event);
/* Takes what is queued. False if some were lost: rescan. */
bool os_events_read(os_handle handle, os_event_told *told, void *context);

/* ---- beats --------------------------------------------------------------------------------- */

/* A file whose modification time is the beat. The folder is held open, so that a renamed path does
 * not lead elsewhere. Only a regular file of ours, of root or of the ward's user counts; the file
 * need not exist yet, and may be replaced by rename, which is a beat. */
struct os_beat_file {
    os_handle folder;
    os_handle watch; /* readable when the file may have gone away: look; OS_NO_HANDLE = none */
    bool ours;       /* made by us: closing removes it. After a fork only one may keep this */
    bool seen;       /* it was there: from now on it can be lost */
    bool dated;      /* its time stamps are of this machine's clock, and fine */
    uint32_t ward_uid;
    int watch_id; /* -1 = not armed */
    uint64_t watched_inode;
    char name[256];
    char path[4096]; /* absolute */
};

/* ERROR_UNSAFE for a symlink, a folder, a device, or a file of another user than ourselves, root
 * and `ward_uid`: root may watch anybody's ward, but in a shared folder anybody could put a file
 * in the place of the ward's own. */
struct error os_beat_file_open(const char *path, uint32_t ward_uid, struct os_beat_file *out);
/* A new one under an unguessable name in the private runtime folder, mode 0600. It shows the year
 * 1970: that it was made is no beat. */
struct error os_beat_file_make(struct os_beat_file *out);
/* BEAT_NONE while it was never there, BEAT_LOST once it is gone or became another user's. Takes
 * what made `watch` readable. */
struct error os_beat_file_look(struct os_beat_file *file, struct beat_observation *out);
/* Removes the file if it is ours, and the runtime folder if that was the last in it. */
void os_beat_file_close(struct os_beat_file *file);

/* The page that library users beat in: `beat_ms` is a monotonic coarse time, 0 = not yet. A forked
 * child of the one who made it does not have it. */
struct beat_page {
    _Atomic int64_t beat_ms;
    _Atomic int64_t hold_until_ms;    /* 0 = no hold; OS_FOREVER = without a limit */
    _Atomic int64_t closing_until_ms; /* 0 = not closing */
    _Atomic int64_t stop_seen_ms;     /* 0 = no stop request was seen */
    _Atomic int32_t suspended;        /* the debugger says that the main thread is suspended */
    _Atomic int32_t link_gone;        /* ... and that nobody will resume it */
};
struct error os_beat_page_make(os_handle *handle, struct beat_page **out);
/* Maps it to read. ERROR_UNSAFE when it is not a page of ours that can never shrink. */
struct error os_beat_page_map(os_handle handle, const struct beat_page **out);
void os_beat_page_unmap(const struct beat_page *page);

/* The sd_notify protocol. */
struct os_notify {
    os_handle socket; /* OS_NO_HANDLE = closed */
    char path[108];
};
struct notify_message {
    int32_t sender; /* pid, from the kernel; 0 = none of this pid namespace: trust nothing */
    uint32_t uid;
    char text[4096 + 1]; /* "WATCHDOG=1\nSTATUS=..." NUL-terminated; "" = a message to ignore */
};
struct error os_notify_open(struct os_notify *out);
/* Takes one message; closes any descriptor that came with it (a barrier). False = none left. A
 * flood has no end: take a bounded number a turn. */
bool os_notify_read(struct os_notify *notify, struct notify_message *out);
void os_notify_close(struct os_notify *notify);

/* ---- in somebody else's process ----------------------------------------------------------------
 */

/* A thread that no signal is ever delivered to. A forked child does not have it. */
struct os_thread {
    uintptr_t id;
};
struct error os_thread_start(void (*run)(void *context), void *context, struct os_thread *out);
void os_thread_join(const struct os_thread *thread);

/* Between threads; zero is free. A forked child finds it free, whoever held it. */
struct os_lock {
    _Atomic int32_t owner;
};
void os_lock_take(struct os_lock *lock);
void os_lock_give(struct os_lock *lock);

/* Readable from a nudge on until it is heard. A nudge may come from a signal handler. */
struct error os_nudge_make(os_handle *out);
void os_nudge(os_handle nudge);
/* False when there was none. */
bool os_nudge_hear(os_handle nudge);

/* From now on `told` is called with the signal whenever somebody asks this process to stop (SIGINT,
 * SIGTERM), in the context of a signal handler, before the handler that was there; where there is
 * none, never. Called again now and then: a handler that was set anew since is chained anew. One
 * caller at a time. */
void os_stop_notice_take(void (*told)(int signal));
/* Puts back what was there, where nobody has put his own above. Returns when `told` runs nowhere.
 */
void os_stop_notice_drop(void);
/* Returns when every call of `told` that had begun is over. Not for signal handlers. */
void os_stop_notice_settle(void);

/* While `deaf`, neither we nor what we start hears the console's Ctrl+C, and what was started stays
 * so. Nothing where interrupts come from a terminal: there a child decides itself. */
void os_interrupts_ignore(bool deaf);

/* ---- waiting -------------------------------------------------------------------------------- */

#define OS_WAIT_MAX 16
/* Waits until one of `handles` is ready (OS_NO_HANDLE entries are skipped) or `until_ms`
 * (monotonic; OS_FOREVER) is reached. `ready` gets a bit per handle, 0 = the time is reached. */
struct error os_wait(const os_handle *handles, size_t count, int64_t until_ms, uint32_t *ready);

/* ---- standard streams, words ----------------------------------------------------------------- */

enum os_stream { STREAM_OUT = 1, STREAM_ERROR = 2 };
struct os_stream_kind {
    bool terminal;
    bool colours; /* it understands escape sequences */
    bool utf8;
};
void os_stream_look(enum os_stream stream, struct os_stream_kind *out);
/* All of it, UTF-8. ERROR_GONE when the reader went away. */
struct error os_stream_write(enum os_stream stream, const char *bytes, size_t count);
/* The words of our command line, UTF-8, NULL-terminated; they live as long as the process. */
char **os_words(int argc, char **argv);
/* What the system says of one of its codes, cut off when it is too long: in `text`, or static. */
const char *os_error_text(int os_code, char *text, size_t capacity);

/* ---- files --------------------------------------------------------------------------------- */

/* Replaces `path` whole or leaves it as it was. `write` produces the bytes; it may be called twice.
 * A symlink is followed. What is not a regular file, or is our own stdout or stderr, is written
 * into directly; so is a file that cannot be renamed over (a mount point, a folder not ours). */
struct sink;
struct error os_file_replace(const char *path, void (*write)(void *context, struct sink *sink),
                             void *context);
/* Whether `path` could be written: asked before the ward starts. Leaves nothing behind. */
struct error os_file_writable(const char *path);
/* Private folder of this user for sockets and heartbeats, made if missing, mode 0700. Whoever
 * removes the last thing in it removes it. */
/* The path of `name` beside the file that this code was loaded from. */
bool os_path_beside(const char *name, char *path, size_t capacity);
bool os_is_program(const char *path);
struct error os_runtime_folder(char *path, size_t capacity);

/* The value of a setting in our environment; NULL when unset, or when whoever started us has fewer
 * rights than we have. */
const char *os_setting(const char *name);
/* `path` from the root. */
struct error os_path_absolute(const char *path, char *out, size_t capacity);

/* A folder that falls with its ward: our user's, writable to nobody else, `fresh`: and empty. */
struct error os_scratch_open(const char *path, bool fresh, os_handle *out);
/* Removes it with all in it, if `path` is still that folder. False: something of it is left. */
bool os_scratch_remove(const char *path, os_handle scratch);

/* Memory in whole pages, given back with os_pages_free; NULL when there is none. */
void *os_pages(size_t bytes);
/* The same; a forked child finds zeros in it. */
void *os_pages_unforked(size_t bytes);
void os_pages_free(void *pages, size_t bytes);

#endif
