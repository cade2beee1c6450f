/* The age of a beat, from observations. A file's modification time is a wall-clock value that may
 * step, lie or come from an earlier boot. What counts is that the value *changed*, and when on the
 * monotonic clock.
 *
 * There is one delay, not two: a beat is dated, not merely noticed. The silence is counted from the
 * beat, and a single look at the end of the silence is enough. A beat that cannot be dated counts
 * as of the look that found it, so the kill may come late but never early. */
#ifndef TREEFALL_CORE_HEARTBEAT_H
#define TREEFALL_CORE_HEARTBEAT_H

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

enum beat_kind {
    BEAT_NONE,  /* nothing was seen (no file yet, page never written) */
    BEAT_STAMP, /* `stamp` identifies the latest beat (for files) */
    BEAT_TIMED, /* `at_ms` is the beat's own monotonic time (page, datagrams) */
    BEAT_LOST,  /* the source was there and is gone */
};

struct beat_observation {
    enum beat_kind kind;
    int64_t stamp;      /* BEAT_STAMP: any value that changes with every beat */
    int64_t wall_ms;    /* BEAT_STAMP: the wall time that the file shows; programs can set it */
    int64_t lag_ms;     /* BEAT_STAMP: the beat may be later than `wall_ms` by this much */
    int64_t changed_ms; /* BEAT_STAMP: when the system recorded the beat, by this machine's wall
                           clock; 0 = not known (a network file system, coarse stamps) */
    int64_t at_ms;      /* BEAT_TIMED */
};

/* Private, except that `kill_delay_ms`, `last_ms`, `beaten` and `extended_until_ms` may be read. */
struct heartbeat {
    int64_t kill_delay_ms;
    int64_t last_ms; /* start of the silence: the last beat or excuse */
    bool beaten;     /* the first beat was seen */
    bool looked_once;
    bool sighted;             /* the source existed: from now on it can be lost */
    bool undated;             /* the beats cannot be dated: look more often */
    bool granted;             /* this silence had its second look */
    int64_t stamp;            /* of the newest beat seen; for BEAT_TIMED its time */
    bool stamped;             /* `stamp` is set */
    int64_t began_ms;         /* earlier beats are another run's; INT64_MIN = not known */
    int64_t awaited_until_ms; /* end of the startup grace, while no beat came */
    int64_t granted_until_ms;
    int64_t extended_until_ms;   /* asked for by the ward; INT64_MIN = never */
    int64_t planned_ms;          /* when the next look is due; 0 = not planned */
    struct clock_reading looked; /* the previous look */
};

enum heartbeat_age {
    HEARTBEAT_AWAITED, /* no beat yet, within the startup grace */
    HEARTBEAT_FRESH,
    HEARTBEAT_STALE,
    HEARTBEAT_MISSING, /* the source went away, or nothing came within the startup grace */
};

/* The delays are at least 1 and 0. Huge delays never end. */
void heartbeat_arm(struct heartbeat *heartbeat, int64_t kill_delay_ms, int64_t startup_grace_ms,
                   const struct clock_reading *now);
/* The ward began at `began_ms` (monotonic). An earlier stamp in a file is not the ward's beat, and
 * a ward that removes such a file while it starts does not lose its heartbeat. Call after arming,
 * if the time is known. */
void heartbeat_ward_began(struct heartbeat *heartbeat, int64_t began_ms);
/* Judges one look. Grants a full kill_delay after a suspend, and a second look when this process
 * overslept. */
enum heartbeat_age heartbeat_look(struct heartbeat *heartbeat, const struct beat_observation *seen,
                                  const struct clock_reading *now);
/* The silence up to now was legitimate: start a full kill_delay. */
void heartbeat_excuse(struct heartbeat *heartbeat, const struct clock_reading *now);
/* Sets another kill_delay, at least 1. The silence is counted from now on. */
void heartbeat_retime(struct heartbeat *heartbeat, int64_t kill_delay_ms,
                      const struct clock_reading *now);
/* The silence is legitimate until `until_ms` (monotonic): the heartbeat is not stale before. */
void heartbeat_extend(struct heartbeat *heartbeat, int64_t until_ms);
/* When to look next: at once after arming, later always after the last look. That is one wake-up
 * per kill_delay, or four where beats cannot be dated. The time is remembered, to notice
 * oversleeping. */
int64_t heartbeat_next_look(struct heartbeat *heartbeat);

#endif
