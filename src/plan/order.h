/* What the library, or a wrapper that cannot fork, tells a sentinel that it starts: the first
 * message on the channel. */
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
    ORDER_NUDGE = 6,     /* the page says something that should not wait for the next look */
    ORDER_ALARM = 7,     /* of a ward that notices when the sentinel does not look; or none */
    ORDER_CONTAINER = 8, /* if the order says so */
    ORDER_HANDLES_END = 9
};

struct order {
    uint32_t version;
    struct process_identity ward;
    struct plan plan;
    bool enclosed;      /* the ward is in a container of its own */
    bool led;           /* by the command: a `struct order_led` follows */
    enum escape escape; /* how the sentinel got out of the job that holds us */
    struct brand brand; /* which the ward carries already for an earlier guard; level 0 = none */
    /* Older sentinels of the same ward. They may fell us, we never fell them: two that fell each
     * other would leave the tree alive. */
    struct process_identity siblings[ORDER_SIBLINGS];
    struct process_identity parent; /* the sentinel's, if one was left between the ward and it */
    /* From the root; "" = none. */
    char report[ORDER_PATH_BYTES];
    char scratch[ORDER_PATH_BYTES];
};

/* The wrapper of `run` fells, the sentinel does when the wrapper is lost. `watch` has none: there
 * two sentinels are a pair. No page: the beats are a file's. */
struct order_led {
    struct process_identity wrapper; /* pid 0 = none */
    struct process_identity primary; /* of the pair, for who stands by; pid 0 = it is the primary */
    int64_t ward_began_ms;
    bool is_file_ours; /* the heartbeat file goes with the tree */
    char heartbeat[ORDER_PATH_BYTES];
    char command[ORDER_COMMAND_BYTES];
    /* Reports' paths, then the patterns to keep, one after the other, each with its NUL. */
    uint32_t report_count;
    uint32_t keep_count;
    char words[ORDER_WORDS_BYTES];
};

/* The answer. `code` tells why it is not armed, and then it ends; else armed by these routes. */
struct attestation {
    uint32_t version;
    enum error_code code;
    int os_code;
    bool report_failed; /* the error is the report's */
    bool confined;      /* what ends the ward's job ends the sentinel, too */
    uint32_t armed;     /* a bit each */
    struct process_identity self;
    struct brand brand; /* that the ward carries now; level 0 = none */
};

#endif
