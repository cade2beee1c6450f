/* The report: what fell, why, when, and how that was proven. A model filled by the guards, and
 * three writers of it. Pure: bytes go to a sink, names may hold any byte and are escaped. */
#ifndef TREEFALL_CORE_REPORT_H
#define TREEFALL_CORE_REPORT_H

#include "core/process.h"
#include "core/route.h"
#include "core/sink.h"
#include "core/trigger.h"

#define REPORT_SCHEMA_VERSION 1

enum report_outcome {
    OUTCOME_FELL,     /* it was signalled and is gone */
    OUTCOME_GONE,     /* it was gone before it was signalled */
    OUTCOME_KEPT,     /* spared by --keep */
    OUTCOME_SURVIVED, /* still there: `reason` says why */
    OUTCOME_FOUND,    /* a dry run: it would fall */
    OUTCOME_COUNT
};

struct report_line {
    struct process_row row;
    enum route route;   /* how it was proven to belong */
    int signal;         /* the last one sent, 0 = none */
    const char *signal_name; /* "KILL", static; NULL = none */
    enum report_outcome outcome;
    const char *reason; /* why it survived or was kept, static; NULL otherwise */
    int64_t at_ms;      /* since the trigger */
};

struct report {
    const char *version; /* of treefall */
    const char *command; /* of the ward, or "" */
    struct process_identity ward;
    bool ward_exited;
    int ward_status;        /* 0-255, or 128 + signal */
    int exit_status;        /* treefall's own */
    enum trigger trigger;
    const char *trigger_detail; /* "SIGTERM twice", or NULL */
    const char *written_by; /* "wrapper", "sentinel", "kill" */
    int64_t started_wall_ms; /* since the epoch */
    int64_t trigger_wall_ms;
    int64_t guarded_ms;  /* from arming to the trigger */
    int64_t fall_ms;     /* from the trigger until nothing was alive */
    unsigned rounds;     /* passes over the process table */
    struct guarantee guarantee;
    const struct report_line *lines;
    size_t line_count;
    size_t lines_dropped; /* counted, but not kept for want of memory */
};

const char *report_outcome_name(enum report_outcome outcome);
size_t report_count(const struct report *report, enum report_outcome outcome);

void report_write_json(const struct report *report, struct sink *sink);
void report_write_text(const struct report *report, struct sink *sink);
/* One self-contained page with a time line. */
void report_write_html(const struct report *report, struct sink *sink);

#endif
