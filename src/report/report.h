/* The report: what was killed, why, when, and how it was proven. The guards fill a model, and three
 * writers format it. Pure: bytes go to a sink, names may hold any byte and are escaped.
 * docs/report.md is the schema of the JSON, and the rule for changing it. */
#ifndef TREEFALL_REPORT_REPORT_H
#define TREEFALL_REPORT_REPORT_H

#include "base/sink.h"
#include "core/process.h"
#include "core/route.h"
#include "core/trigger.h"

#define REPORT_SCHEMA_VERSION 1
#define REPORT_STATUS_UNKNOWN (-1)
#define REPORT_REASON_BYTES   64

enum report_outcome {
    OUTCOME_FELL,     /* it was signalled and is gone */
    OUTCOME_GONE,     /* it was gone before it was signalled */
    OUTCOME_KEPT,     /* spared by --keep */
    OUTCOME_SURVIVED, /* still there: `reason` says why */
    OUTCOME_FOUND,    /* a dry run: it would be killed */
    OUTCOME_COUNT
};

struct report_line {
    struct process_row row;
    enum route route;        /* how its membership was proven */
    int signal;              /* the last signal sent, 0 = none */
    const char *signal_name; /* "KILL", static; NULL = the number is shown */
    enum report_outcome outcome;
    const char *reason; /* why it survived or was kept, static; NULL otherwise */
    int64_t at_us;      /* since the trigger */
};

struct report {
    const char *version; /* of treefall */
    const char *command; /* of the ward, or "" */
    struct process_identity ward;
    bool dry_run; /* nothing was signalled */
    bool ward_exited;
    /* The exit code, at most 32 bits, or 128 + signal. REPORT_STATUS_UNKNOWN if the ward is no
     * child. */
    int64_t ward_status;
    int64_t exit_status; /* treefall's own */
    enum trigger trigger;
    const char *trigger_detail; /* "treefall kill", or NULL */
    const char *written_by;     /* "wrapper", "sentinel", "kill" */
    int64_t started_wall_ms;    /* since the epoch; 0 = not known */
    int64_t trigger_wall_ms;
    int64_t guarded_ms; /* from arming to the trigger */
    int64_t fall_us;    /* from the trigger until nothing was alive */
    unsigned rounds;    /* passes over the process table */
    struct guarantee guarantee;
    const struct report_line *lines;
    size_t line_count;
    size_t lines_dropped;      /* counted, but not stored for lack of memory or descriptors */
    const char *const *unseen; /* what could not be looked at, static: there may be survivors */
    size_t unseen_count;
    const char *scratch_left; /* the scratch folder that could not be removed; NULL = none */
};

const char *report_outcome_name(enum report_outcome outcome);
size_t report_count(const struct report *report, enum report_outcome outcome);

void report_write_json(const struct report *report, struct sink *sink);
void report_write_text(const struct report *report, struct sink *sink);
/* One self-contained page with a time line. */
void report_write_html(const struct report *report, struct sink *sink);
/* One sentence without a line end: "the tree was killed: the ward exited; 5 processes, 4.2 ms, none
 * left". `how` escapes it for its destination. */
void report_write_headline(const struct report *report, enum sink_escape how, struct sink *sink);

/* ---- what the writers share ---------------------------------------------------------------- */

/* The next line of a group, in the order of the lines. NULL starts the walk and marks its end.
 * OUTCOME_FELL includes processes that had exited before their signal. */
const struct report_line *report_next(const struct report *report, const struct report_line *after,
                                      enum report_outcome group);
size_t report_group_count(const struct report *report, enum report_outcome group);
bool report_is_dry(const struct report *report);
/* What to do about a survivor. The caller adds its pid. */
const char *report_advice(const struct report_line *line);
/* Why the process survived or was kept: `reason`, or, written to `room`, the kept process that
 * started it. */
const char *report_reason(const struct report_line *line, char room[REPORT_REASON_BYTES]);
int64_t report_line_us(const struct report_line *line);
int64_t report_fall_us(const struct report *report);
int64_t report_guarded_us(const struct report *report);
/* For people: "4.2 ms", "10.0 s", "2 h 13 min". */
void report_write_duration(int64_t us, struct sink *sink);
/* "KILL", "33", or `none`. */
void report_write_signal(const struct report_line *line, const char *none, struct sink *sink);

#endif
