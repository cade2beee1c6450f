/* The sentinel's judgement: state x event -> state, action, deadline. A table; see verdict.c. */
#ifndef TREEFALL_CORE_VERDICT_H
#define TREEFALL_CORE_VERDICT_H

#include "core/heartbeat.h"
#include "core/trigger.h"

enum verdict_state {
    STATE_WATCHING,
    STATE_HELD,     /* silence is legitimate: traced, stopped, suspended, or declared */
    STATE_STOPPING, /* a stop was requested: the stop budget runs */
    STATE_CLOSING,  /* the ward declared that it cleans up: the closing budget runs */
    STATE_FALLING,
    STATE_DONE,
    STATE_COUNT
};

/* Levels, not edges: raising the same event again changes nothing. */
enum verdict_event {
    EVENT_BEAT,          /* the look found a fresh beat, or the first is still awaited */
    EVENT_STALE_RUNNING, /* stale, and the ward runs */
    EVENT_STALE_HELD, /* stale; the ward is traced, stopped or suspended, its debugger connected */
    EVENT_LINK_GONE,  /* the ward is suspended, and its debugger is gone */
    EVENT_HEARTBEAT_MISSING, /* the file is gone, or never appeared */
    EVENT_HOLD,              /* the ward declares a long step */
    EVENT_HOLD_OVER,         /* the budget of the hold ran out */
    EVENT_STOP_SEEN,         /* a stop request reached the ward */
    EVENT_CLOSING,           /* the ward declares that it cleans up */
    EVENT_BUDGET_OUT,        /* the stop or closing budget ran out */
    EVENT_WARD_DEAD,
    EVENT_GUARD_LOST,
    EVENT_CALLER_DEAD,
    EVENT_TIMEOUT,
    EVENT_TRIPPED,  /* the ward says that it hangs (WATCHDOG=trigger) */
    EVENT_EXTENDED, /* the ward asks for more time */
    EVENT_DISARM,   /* the guard is no longer needed */
    EVENT_COUNT
};

enum verdict_action {
    ACTION_NONE,
    ACTION_EXCUSE, /* heartbeat_excuse: count silence from now */
    ACTION_FELL,
    ACTION_FINISH,
};

/* When a budget runs out, the trigger is `asked`, for a stop and for closing alike. A ward closes
 * because a stop was requested, and `timeout` means --timeout alone. */
struct verdict {
    enum verdict_state state;
    enum verdict_action action;
    enum trigger trigger; /* with ACTION_FELL, else TRIGGER_NONE */
    int64_t deadline_ms;  /* of the hold or the budget; INT64_MAX = none */
};

struct verdict_times {
    int64_t now_ms;
    int64_t deadline_ms;       /* that of the last verdict */
    int64_t grace_ms;          /* of a stop */
    int64_t stop_seen_ms;      /* when the ward says that a stop was requested; 0 = now */
    int64_t closing_until_ms;  /* declared by the ward; 0 = not declared */
    int64_t hold_until_ms;     /* declared by the ward; INT64_MAX = no end, or no hold */
    int64_t extended_until_ms; /* requested by the ward; INT64_MIN = not requested */
};

struct verdict verdict_judge(enum verdict_state state, enum verdict_event event,
                             const struct verdict_times *times);
/* The event to raise when the deadline has passed. */
enum verdict_event verdict_overdue(enum verdict_state state, const struct verdict_times *times);

/* What one look found. */
struct verdict_facts {
    enum heartbeat_age age;
    bool lasting;   /* the beats are in a page, which is never lost */
    bool stopped;   /* traced or stopped, and that counts as a hold */
    bool suspended; /* the debugger says that the main thread is suspended */
    bool link_gone; /* suspended, and nothing will resume it */
    bool declared;  /* a hold is declared and not over */
    bool stop_seen; /* a stop request reached the ward, and no beat followed */
    bool closing;   /* the ward declared that it cleans up */
};

/* "Breakpoint or hang": the event that a look amounts to. */
enum verdict_event verdict_event(enum verdict_state state, const struct verdict_facts *facts);

#endif
