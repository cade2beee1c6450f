/* A scripted operating system: src/os over a table of processes, clocks and handles that are data.
 * It is linked instead of src/os/linux, so whole guards run without a process, and what a test
 * tells for a moment happens at exactly that moment: os_wait moves the clock from one step to the
 * next.
 *
 * Every process is `ours` (of the tree) or an innocent. Whatever the test is about, at its end
 * fake_check fails it if an innocent was touched, a guard armed for one, or a handle leaked. */
#ifndef TREEFALL_TESTS_FAKE_OS_H
#define TREEFALL_TESTS_FAKE_OS_H

#include "os/os.h"

#define FAKE_WARD      100 /* where a test has one ward */
#define FAKE_SELF      400 /* the guard that runs */
#define FAKE_SHELL     50  /* its parent, and the parent of innocents */
#define FAKE_BOOT_MS   1000000
#define FAKE_WALL_MS   1700000000000
#define FAKE_PROCESSES 256
#define FAKE_STEPS     64

/* As on Linux. */
enum { FAKE_HUP = 1, FAKE_INT = 2, FAKE_KILL = 9, FAKE_TERM = 15, FAKE_CHILD = 17, FAKE_CONT = 18 };

struct fake_process {
    struct process_row row; /* state PROCESS_DEAD: a zombie */
    struct brand_pair limits;
    bool ours;
    bool touched;     /* a signal reached it */
    bool reaped;      /* nothing is left of it but handles */
    bool foreign;     /* another user's: signals and branding are denied */
    bool elsewhere;   /* in a pid namespace that we cannot see: only the container knows it */
    bool stubborn;    /* D state: a kill changes nothing */
    bool heeds;       /* ends when it is asked */
    int64_t lasts_ms; /* lives on so long after a kill */
    int32_t tracer;
    struct process_identity environ_ward;
    char environ_brand[BRAND_TEXT_BYTES];
    const char *command; /* its command line; NULL = it cannot be read */
};

/* A moment inside another call, for races: something happens just before it. */
enum fake_moment {
    BEFORE_SCAN,
    AFTER_SCAN,
    BEFORE_ROW,
    BEFORE_OPEN,
    BEFORE_STRIKE,
    BEFORE_EVENTS,
    BEFORE_BRAND
};

struct fake {
    struct clock_reading now;
    size_t waits;         /* returns of os_wait: how often the guard woke */
    int64_t oversleep_ms; /* the next wait that runs to its end returns so much too late */
    int32_t self;
    struct brand_pair own_limits;
    uint32_t own_user;
    int32_t pid_in_file;
    int32_t reaper; /* who adopts orphans: 1, or ourselves */
    bool may_raise;
    bool no_cgroups;
    bool no_memory;
    int32_t newest; /* the number that was given out last; 0 = not known */
    struct error scan_error;
    struct error row_error; /* of every os_process_row */
    void (*race)(enum fake_moment moment, int32_t pid);
    /* What was done. */
    size_t scans;
    size_t strikes; /* signals that were sent; 0 does not count */
    int last_signal;
    int64_t last_strike_ms;
    uint32_t said[32]; /* how many messages of a kind went to the wrapper */
    uint32_t said_detail[32];
    struct channel_message told; /* by the wrapper; kind 0 = nothing */
    bool channel_full;
    char report[65536];
    size_t report_bytes;
    /* What comes in. */
    struct beat_observation beat;
    struct beat_page *page;  /* where fake_step_beat beats instead, if it is not NULL */
    struct error beat_error; /* of opening the file */
    bool beat_stirred;       /* the file's watch is readable */
    bool no_events;
    bool events_lost;
    struct notify_message notify;
    size_t notify_count; /* so often it comes */
    struct os_signal signals[8];
    size_t signal_count;
    /* A guard that was forked: its body can be run by the test in its place. */
    int (*guard_body)(void *context);
    void *guard_context;
    int32_t guard_pid;
    size_t guards_forked;
    size_t forks_refused; /* so many more */
    /* The wire. */
    bool wire_open;
    bool wire_disarmed;
    size_t wire_sweeps;
};

extern struct fake fake;

/* A machine with an init, a shell, ourselves below it, and an innocent of each kind. */
void fake_reset(void);
/* Fails the test if an innocent was touched, armed, or a handle is still open. */
void fake_check(void);

/* ---- processes ---- */

struct fake_process *fake_add(int32_t pid, int32_t ppid);
/* The same, of the tree: inherits its parent's brand, group and session. */
struct fake_process *fake_fork(int32_t pid, int32_t ppid);
/* The living or dead one that has the number now; NULL = none. */
struct fake_process *fake_find(int32_t pid);
void fake_end(int32_t pid);
/* It ended, and an innocent of another start time got its number. */
struct fake_process *fake_recycle(int32_t pid);
bool fake_alive(int32_t pid);
/* How many of the tree live. */
size_t fake_ours_alive(void);
/* Whether the wire would kill it when the last guard dies. */
bool fake_is_wired(int32_t pid);

/* ---- time ---- */

typedef void fake_step(int64_t argument);
/* `step` happens `after_ms` from now. */
void fake_after(int64_t after_ms, fake_step *step, int64_t argument);
int64_t fake_passed_ms(void); /* since fake_reset */
/* Steps: */
void fake_step_end(int64_t pid);
void fake_step_beat(int64_t unused);    /* a dated beat, in file, page or socket */
void fake_step_lose(int64_t unused);    /* the file goes away */
void fake_step_signal(int64_t number);  /* a signal comes to us */
void fake_step_dismiss(int64_t unused); /* the guard is dismissed */
void fake_step_suspend(int64_t ms);     /* the machine sleeps */
void fake_step_wall(int64_t ms);        /* somebody sets the clock */
void fake_step_notify(int64_t text);    /* the address of a datagram's text, sent by the ward */

/* ---- handles ---- */

os_handle fake_handle_of(int32_t pid);
os_handle fake_dismissal(void);
os_handle fake_signals(void);
/* For a test that opens what a scope closes. */
size_t fake_open_handles(void);

/* ---- events ---- */

/* The kernel tells of it when the guard next listens. */
void fake_tell(enum os_event_kind kind, int32_t pid, int32_t parent);

#endif
