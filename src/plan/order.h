/* What a sentinel is told by the library or by a wrapper that cannot fork: the first message on the
 * channel. */
#ifndef TREEFALL_PLAN_ORDER_H
#define TREEFALL_PLAN_ORDER_H

#include "base/error.h"
#include "core/brand.h"
#include "core/process.h"
#include "core/route.h"
#include "plan/plan.h"

#define ORDER_VERSION       12
#define ORDER_PATH_BYTES    4096
#define ORDER_COMMAND_BYTES 512
#define ORDER_WORDS_BYTES   8192
#define ORDER_REPORTS       8
#define ORDER_KEEP          16
#define ORDER_SIBLINGS      8

/* The sentinel's handles, by number, in the process that the library starts. */
enum {
    ORDER_CHANNEL = 3,
    ORDER_PAGE = 4,
    ORDER_DISMISSAL = 5,
    ORDER_NUDGE = 6,     /* the page has news that should not wait for the next look */
    ORDER_ALARM = 7,     /* of a ward that notices when the sentinel does not look; optional */
    ORDER_CONTAINER = 8, /* if the order says so */
    ORDER_HANDLES_END = 9
};

struct order {
    uint32_t version;
    struct process_identity ward;
    struct plan plan;
    bool enclosed;      /* the ward is in a container of its own */
    bool led;           /* started by a command: a `struct order_led` follows */
    enum escape escape; /* how the sentinel left the job that holds us */
    struct brand brand; /* carried by the ward for an earlier guard; level 0 = none */
    /* Older sentinels of the same ward. They may kill us, but we never kill them: two that killed
     * each other would leave the tree alive. */
    struct process_identity siblings[ORDER_SIBLINGS];
    struct process_identity parent; /* left between ward and sentinel; pid 0 = none */
    /* An absolute path; "" = none. */
    char report[ORDER_PATH_BYTES];
    char scratch[ORDER_PATH_BYTES];
};

/* For a sentinel of `run`, the wrapper kills the tree, and the sentinel does if the wrapper is
 * lost. For `watch` there is no wrapper, but a pair of sentinels. There is no page: the beats come
 * from a file. */
struct order_led {
    struct process_identity wrapper; /* pid 0 = none */
    struct process_identity primary; /* that a standby waits for; pid 0 = it is the primary */
    int64_t ward_began_ms;
    bool is_file_ours; /* the heartbeat file is removed with the tree */
    char heartbeat[ORDER_PATH_BYTES];
    char command[ORDER_COMMAND_BYTES];
    /* Paths of reports, then patterns of --keep, one after the other, each with its NUL. */
    uint32_t report_count;
    uint32_t keep_count;
    char words[ORDER_WORDS_BYTES];
};

/* The answer. If `code` is an error, the sentinel is not armed and exits. Otherwise it is armed by
 * these routes. */
struct attestation {
    uint32_t version;
    enum error_code code;
    int os_code;
    bool report_failed; /* the error concerns the report */
    bool confined;      /* what terminates the ward's job terminates the sentinel too */
    uint32_t armed;     /* one bit per route */
    struct process_identity self;
    struct brand brand; /* carried by the ward now; level 0 = none */
};

#endif
