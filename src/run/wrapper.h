/* The wrapper: the parent of the command, the tree's subreaper, and one of its two guards. */
#ifndef TREEFALL_RUN_WRAPPER_H
#define TREEFALL_RUN_WRAPPER_H

#include "core/ending.h"
#include "plan/settings.h"
#include "sentinel/sentinel.h"
#include "tree/reaper.h"
#include "tree/scope.h"

struct wrapper {
    const struct run_settings *settings;
    struct scope scope;
    struct os_child child;
    struct os_process self;
    struct os_process sentinel; /* no handle = lost and not replaced */
    os_handle caller;           /* of os/caller.h */
    os_handle signals;
    os_handle input; /* of --stop-on-stdin-close; OS_NO_HANDLE = not watched, or already closed */
    bool input_ended;
    os_handle channel; /* our end; the sentinel has the other */
    os_handle channel_far;
    struct os_process reserve; /* the sentinel's reserve */
    os_handle reserve_births;  /* the reserve's queue of fork events, if it needs one */
    struct sentinel watch;     /* what the sentinel runs with */
    struct os_terminal terminal;
    bool gave_terminal;
    bool foreground;  /* the command stays in our process group */
    bool interrupted; /* by a key of the terminal */
    struct reaper reaper;
    struct ending ending;
    const char *trigger_detail;
    const char *subject; /* the subject of a message about the present step, or NULL */
    struct ledger ledger;
    struct clock_reading started;
    int64_t deadline_ms; /* of --timeout */
    int64_t census_ms;   /* when to look at the lineage next; OS_FOREVER = no need */
    int64_t census_gap_ms;
    bool was_signalled;        /* a stop signal arrived */
    bool ward_is_gone;         /* the ward has exited, and the ending knows */
    bool tree_is_empty;        /* as seen by such a look, after the ward exited */
    bool felled_elsewhere;     /* another guard killed the tree while we were stopped */
    bool incomplete_elsewhere; /* and it reported that something survived */
};

/* Runs the command so that no process outlives it. Returns treefall's exit status. */
int run_supervise(const struct run_settings *settings);

/* run/prepare.c: holds the ward at its gate, with its terminal, and both guards in place. */
struct error wrapper_arm(struct wrapper *wrapper);
/* Call once the ward runs: learns its start time. */
void wrapper_identify_ward(struct wrapper *wrapper);
/* Call when nothing is left to guard. */
void wrapper_dismiss(struct wrapper *wrapper);

/* run/guards_forked.c, or run/guards_started.c where nothing forks: the other guards. */
/* Memory that the guards share; NULL = none. */
struct pact *wrapper_make_pact(void);
/* Whether the sentinel may start before the ward exists. */
bool wrapper_sentinel_is_early(const struct wrapper *wrapper);
/* Starts a sentinel (again). */
struct error wrapper_begin_sentinel(struct wrapper *wrapper);
/* Tells a sentinel that started before the ward which process the ward is. */
void wrapper_tell_ward(struct wrapper *wrapper);
/* Returns once the sentinel has attested, from its own process, that it watches. */
struct error wrapper_await_sentinel(struct wrapper *wrapper);
/* Dismisses the sentinel and its reserve, and waits until they have exited. */
void wrapper_end_guards(struct wrapper *wrapper);

/* run/guards.c: the messages of the sentinel. */
void wrapper_hear_sentinel(struct wrapper *wrapper, int64_t now_ms);
/* The sentinel missed its deadline: it is stopped, or starved. */
void wrapper_look_for_sentinel(struct wrapper *wrapper, const struct clock_reading *now);
/* The sentinel was killed: start another, or kill the tree. */
void wrapper_lose_sentinel(struct wrapper *wrapper);
/* Handles MESSAGE_RESERVE. */
void wrapper_know_reserve(struct wrapper *wrapper, const struct channel_message *message);
/* From then on the sentinel's number may be another process's. */
void wrapper_reap_sentinel(struct wrapper *wrapper);

/* run/forward.c: handles a signal that we received. */
void wrapper_hear_signal(struct wrapper *wrapper, const struct os_signal *signal, int64_t now_ms);

/* run/send.c: signals the ward, or its group, or the rest once the ward is gone. False if the ward
 * cannot be reached. */
bool wrapper_send(struct wrapper *wrapper, int number, bool to_group);

/* run/stop.c: the triggers, and the steps of the ending that they begin. */
void wrapper_ask(struct wrapper *wrapper, enum trigger trigger, const char *detail, int64_t now_ms);
/* A stop signal, which is forwarded as `number`. A second one forces. */
void wrapper_stop(struct wrapper *wrapper, int number, bool to_group, int64_t now_ms);
void wrapper_strike(struct wrapper *wrapper, enum trigger trigger, int64_t now_ms);
void wrapper_force(struct wrapper *wrapper, enum trigger trigger, const char *detail);
/* Nothing is waited for any more: forces. */
void wrapper_begin_fall(struct wrapper *wrapper);
void wrapper_lose_ward(struct wrapper *wrapper, int64_t now_ms);
void wrapper_pass_time(struct wrapper *wrapper, int64_t now_ms);

/* run/input.c: the end of standard input. */
struct error wrapper_watch_input(struct wrapper *wrapper);
void wrapper_hear_input(struct wrapper *wrapper, int64_t now_ms);

/* run/yield.c: sets the alarm by which the other guards see whether we are late. */
void wrapper_promise(struct wrapper *wrapper);
/* Tells the other guards that the tree ends now, and by when. */
void wrapper_claim(struct wrapper *wrapper);
/* The terminal suspends us. Our work waits, as it does for any job. */
void wrapper_promise_nothing(struct wrapper *wrapper);
/* Call each turn: claims the kill if one is due. True when another guard does it. */
bool wrapper_is_relieved(struct wrapper *wrapper);
/* Call before a kill. True when another guard has done it, or is doing it; then waits here for the
 * end. */
bool wrapper_leaves_fall(struct wrapper *wrapper);
/* Call after a kill. False when another guard has overtaken us and reports. */
bool wrapper_may_report(struct wrapper *wrapper);

/* run/job.c: the terminal, stopping and continuing. */
void job_start(struct wrapper *wrapper);
void job_ward_stopped(struct wrapper *wrapper, int signal);
void job_continue(struct wrapper *wrapper);
void job_end(struct wrapper *wrapper);
/* The status to exit with. Does not return if that is a signal. */
uint32_t job_status(const struct wrapper *wrapper, uint32_t status);

/* run/outcome.c: the exit status and the reports. */
uint32_t outcome_status(const struct wrapper *wrapper, bool complete);
void outcome_report(struct wrapper *wrapper, struct ledger *ledger, enum trigger trigger,
                    bool complete, const char *written_by);

#endif
