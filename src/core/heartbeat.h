/* The age of a beat, from observations. A file's modification time is a wall-clock value that may
 * step, lie or come from an earlier boot; what counts is that it *changed*, on the monotonic clock.
 *
 * One delay, not two: a beat is dated, not merely noticed, so the silence is counted from it and a
 * single look at its end is enough. Where a beat cannot be dated it counts as of the look that
 * found it: late, never early. */
#ifndef TREEFALL_CORE_HEARTBEAT_H
#define TREEFALL_CORE_HEARTBEAT_H

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

enum beat_kind {
    BEAT_NONE,  /* nothing was seen (no file yet, page never written) */
    BEAT_STAMP, /* `stamp` identifies the latest beat (files) */
    BEAT_TIMED, /* `at_ms` is the beat's own monotonic time (page, datagrams) */
    BEAT_LOST,  /* the source was there and is gone */
};

struct beat_observation {
    enum beat_kind kind;
    int64_t stamp;      /* BEAT_STAMP: any value that changes with every beat */
    int64_t wall_ms;    /* BEAT_STAMP: the wall time that the file shows; programs can set it */
    int64_t lag_ms;     /* BEAT_STAMP: the beat may be this much later than `wall_ms` */
    int64_t changed_ms; /* BEAT_STAMP: when the system recorded the beat, by this machine's wall
                           clock; 0 = not known (a network file system, coarse stamps) */
    int64_t at_ms;      /* BEAT_TIMED */
};

/* Private but for `kill_delay_ms`, `last_ms`, `beaten` and `extended_until_ms`, which may be read.
 */
struct heartbeat {
    int64_t kill_delay_ms;
    int64_t last_ms;          /* the silence counts from here: the last beat or excuse */
    bool beaten;              /* the first beat was seen */
    bool looked_once;         /* a look was made */
    bool sighted;             /* the source was there: from now on it can be lost */
    bool undated;             /* its beats cannot be dated: look more often */
    bool granted;             /* this silence had its fresh look */
    int64_t stamp;            /* of the newest beat seen; of BEAT_TIMED its time */
    bool stamped;             /* `stamp` is set */
    int64_t began_ms;         /* beats from before are another run's; INT64_MIN = not known */
    int64_t awaited_until_ms; /* until the first beat: the startup grace's end */
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

/* The delays are at least 1 and 0; huge ones are never reached. */
void heartbeat_arm(struct heartbeat *heartbeat, int64_t kill_delay_ms, int64_t startup_grace_ms,
                   const struct clock_reading *now);
/* The ward began at `began_ms` (monotonic): what a file shows from before is not its beat, and
 * that it clears such a file away while it starts is no loss. Call after arming, where known. */
void heartbeat_ward_began(struct heartbeat *heartbeat, int64_t began_ms);
/* Judges one look. Grants a full kill_delay after a suspend, and a fresh look when we overslept. */
enum heartbeat_age heartbeat_look(struct heartbeat *heartbeat, const struct beat_observation *seen,
                                  const struct clock_reading *now);
/* Silence up to now was legitimate: a full kill_delay starts. */
void heartbeat_excuse(struct heartbeat *heartbeat, const struct clock_reading *now);
/* Another kill_delay, at least 1, from now on: silence counts anew. */
void heartbeat_retime(struct heartbeat *heartbeat, int64_t kill_delay_ms,
                      const struct clock_reading *now);
/* Silence is legitimate until `until_ms` (monotonic): it is not stale before. */
void heartbeat_extend(struct heartbeat *heartbeat, int64_t until_ms);
/* When to look next: at once after arming, else always after the last look. One wake-up per
 * kill_delay, four where beats cannot be dated. Remembered, to notice oversleeping. */
int64_t heartbeat_next_look(struct heartbeat *heartbeat);

#endif
