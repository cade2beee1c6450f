/* What the command line asks for: one struct per subcommand, with defaults filled in. Strings point
 * into argv. Times are milliseconds. */
#ifndef TREEFALL_PLAN_SETTINGS_H
#define TREEFALL_PLAN_SETTINGS_H

#include "core/route.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SETTINGS_REPORTS     8
#define SETTINGS_KEEP        16
#define SETTINGS_MAP_SIGNALS 32
#define SETTINGS_MAP_STATUS  32

#define SETTINGS_GRACE_MS               10000
#define SETTINGS_EXIT_GRACE_MS          1000
#define SETTINGS_WATCH_GRACE_MS         0 /* one delay, not two: a hung ward does not answer */
#define SETTINGS_KILL_DELAY_MS          3000
#define SETTINGS_RUN_STARTUP_GRACE_MS   30000
#define SETTINGS_WATCH_STARTUP_GRACE_MS 30000

/* The endings of report names, for people. report/publish.c writes these formats. */
#define SETTINGS_REPORT_ENDINGS ".json, .txt or .html"

/* Values of --heartbeat: NULL = none; exactly this word = treefall makes the file itself. */
#define SETTINGS_HEARTBEAT_AUTO "auto"

/* `from` becomes `to`. For signals, `to` 0 = dropped. */
struct setting_map {
    uint32_t from;
    uint32_t to;
};

struct setting_texts {
    size_t count;
    const char *items[SETTINGS_KEEP]; /* the largest of the maxima */
};

struct setting_maps {
    size_t count;
    struct setting_map items[SETTINGS_MAP_SIGNALS];
};

/* The process whose exit ends the tree. */
enum caller_choice { CALLER_PARENT, CALLER_SESSION, CALLER_NONE, CALLER_PROCESS };
struct setting_caller {
    enum caller_choice choice;
    int32_t pid;      /* for CALLER_PROCESS */
    const char *word; /* as given; NULL = not given */
};
enum sentinel_loss { SENTINEL_LOSS_FALL, SENTINEL_LOSS_REPLACE };

struct run_settings {
    struct plan plan;
    int64_t timeout_ms;    /* 0 = none */
    const char *heartbeat; /* path, SETTINGS_HEARTBEAT_AUTO, or NULL */
    bool notify;
    bool stop_on_input_end;
    bool preserve_status;
    bool foreground;
    bool verbose;
    bool isolate;
    int64_t max_processes; /* 0 = no cap */
    struct setting_caller caller;
    enum sentinel_loss sentinel_loss;
    struct setting_maps map_signal;
    struct setting_maps map_status;
    struct setting_texts keep;
    struct setting_texts reports;
    bool stays_in_folder; /* a report has no absolute path */
    char **command;       /* NULL-terminated, at least one word */
};

struct watch_settings {
    struct plan plan;
    int32_t pid;
    const char *heartbeat; /* path, or NULL */
    const char *pid_file;  /* path, or NULL */
    bool detach;
    bool verbose;
    bool json;
    struct setting_texts keep;
    struct setting_texts reports;
    bool stays_in_folder; /* a report has no absolute path */
};

/* The processes that a stop asks first. */
enum kill_ask { KILL_ASK_LEADER, KILL_ASK_GROUP, KILL_ASK_ALL };

struct kill_settings {
    int32_t pid;
    int64_t grace_ms;
    enum kill_ask ask;
    bool dry_run;
    bool json;
    int signal;
    struct setting_texts keep;
    struct setting_texts reports;
};

struct tree_settings {
    int32_t pid;
    bool json;
};

struct doctor_settings {
    bool json;
};

union settings {
    struct run_settings run;
    struct watch_settings watch;
    struct kill_settings kill;
    struct tree_settings tree;
    struct doctor_settings doctor;
};

#endif
