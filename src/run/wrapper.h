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
    os_handle input; /* of --stop-on-stdin-close; OS_NO_HANDLE = not watched, or heard of */
    bool input_ended;
    os_handle channel; /* our end; the sentinel has the other */
    os_handle channel_far;
    struct os_process reserve; /* the sentinel's */
    os_handle reserve_births;  /* its queue of fork events, where it needs one */
    struct sentinel watch;     /* what the sentinel runs with */
    struct os_terminal terminal;
    bool gave_terminal;
    bool foreground;  /* the command stays in our process group */
    bool interrupted; /* by a key */
    struct reaper reaper;
    struct ending ending;
    const char *trigger_detail;
    const char *subject; /* what is tried now is about this, or NULL */
    struct ledger ledger;
    struct clock_reading started;
    int64_t deadline_ms; /* of --timeout */
    int64_t census_ms;   /* the next look at the lineage; OS_FOREVER = no need */
    int64_t census_gap_ms;
    bool was_signalled;        /* a stop signal came */
    bool ward_is_gone;         /* and the ending knows */
    bool tree_is_empty;        /* as seen by such a look, after the ward's end */
    bool felled_elsewhere;     /* another guard did it while we were stopped */
    bool incomplete_elsewhere; /* ... and said that something survived */
};

/* Runs the command so that nothing outlives it. Returns treefall's exit status. */
int run_supervise(const struct run_settings *settings);

/* run/prepare.c: the ward held at its gate, with its terminal, both guards in place. */
struct error wrapper_arm(struct wrapper *wrapper);
/* Once the ward runs: its start time. */
void wrapper_identify_ward(struct wrapper *wrapper);
/* Nothing is left to be guarded. */
void wrapper_dismiss(struct wrapper *wrapper);

/* run/guards_forked.c, or run/guards_started.c where nothing forks: the other guards. */
/* What they share; NULL = nothing. */
struct pact *wrapper_make_pact(void);
/* Whether the sentinel may come up before the ward is there. */
bool wrapper_sentinel_is_early(const struct wrapper *wrapper);
/* Starts a sentinel (again). */
struct error wrapper_begin_sentinel(struct wrapper *wrapper);
/* Who the ward is, to one that came up before. */
void wrapper_tell_ward(struct wrapper *wrapper);
/* Returns once it has said, from its own process, that it watches. */
struct error wrapper_await_sentinel(struct wrapper *wrapper);
/* Ends the sentinel and its reserve, and waits for their end. */
void wrapper_end_guards(struct wrapper *wrapper);

/* run/guards.c: what the sentinel tells. */
void wrapper_hear_sentinel(struct wrapper *wrapper, int64_t now_ms);
/* It did not look when it was to: it is stopped, or starved. */
void wrapper_look_for_sentinel(struct wrapper *wrapper, const struct clock_reading *now);
/* It was killed: another one is started, or the tree is killed. */
void wrapper_lose_sentinel(struct wrapper *wrapper);
/* What MESSAGE_RESERVE tells. */
void wrapper_know_reserve(struct wrapper *wrapper, const struct channel_message *message);
/* Its number may be another process's from then on. */
void wrapper_reap_sentinel(struct wrapper *wrapper);

/* run/forward.c: what a signal that came to us does. */
void wrapper_hear_signal(struct wrapper *wrapper, const struct os_signal *signal, int64_t now_ms);

/* run/send.c: to the ward, or its group; to the rest once it is gone. False: it cannot be reached.
 */
bool wrapper_send(struct wrapper *wrapper, int number, bool to_group);

/* run/stop.c: the triggers, and the steps of the ending that they begin. */
void wrapper_ask(struct wrapper *wrapper, enum trigger trigger, const char *detail, int64_t now_ms);
/* A stop signal, which is passed on as `number`. A second one forces. */
void wrapper_stop(struct wrapper *wrapper, int number, bool to_group, int64_t now_ms);
void wrapper_strike(struct wrapper *wrapper, enum trigger trigger, int64_t now_ms);
void wrapper_force(struct wrapper *wrapper, enum trigger trigger, const char *detail);
/* Nothing is waited for any more. */
void wrapper_begin_fall(struct wrapper *wrapper);
void wrapper_lose_ward(struct wrapper *wrapper, int64_t now_ms);
void wrapper_pass_time(struct wrapper *wrapper, int64_t now_ms);

/* run/input.c: the end of standard input. */
struct error wrapper_watch_input(struct wrapper *wrapper);
void wrapper_hear_input(struct wrapper *wrapper, int64_t now_ms);

/* run/yield.c: what the other guards know of us, and we of them. */
void wrapper_promise(struct wrapper *wrapper);
/* The terminal suspends us: what we have to do waits, as it does for any job. */
void wrapper_promise_nothing(struct wrapper *wrapper);
/* Each turn: claims what is to be done. True when another guard is felling. */
bool wrapper_is_relieved(struct wrapper *wrapper);
/* Before a fall: true when another guard has done it, or does and is awaited here. */
bool wrapper_leaves_fall(struct wrapper *wrapper);
/* After it: false when another guard has overtaken us and reports. */
bool wrapper_may_report(struct wrapper *wrapper);

/* run/job.c: the terminal, stopping and continuing. */
void job_start(struct wrapper *wrapper);
void job_ward_stopped(struct wrapper *wrapper, int signal);
void job_continue(struct wrapper *wrapper);
void job_end(struct wrapper *wrapper);
/* What to end with; does not return where that is a signal. */
uint32_t job_status(const struct wrapper *wrapper, uint32_t status);

/* run/outcome.c: the exit status and the reports. */
uint32_t outcome_status(const struct wrapper *wrapper, bool complete);
void outcome_report(struct wrapper *wrapper, struct ledger *ledger, enum trigger trigger,
                    bool complete, const char *written_by);

#endif
