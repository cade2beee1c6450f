/* What is known of a process: a row of the process table, and an identity that outlives the number.
 */
#ifndef TREEFALL_CORE_PROCESS_H
#define TREEFALL_CORE_PROCESS_H

#include "core/brand.h"

#include <stdbool.h>
#include <stdint.h>

#define PROCESS_NAME_BYTES 64

/* A number may be reused. With the start time it is not, but for numbers that are chosen, or wrap
 * around, within one tick of a clock: the kernel's serial tells those apart. */
struct process_identity {
    int32_t pid;
    uint64_t start;  /* ticks since boot on Linux, FILETIME on Windows; 0 = not known */
    uint64_t serial; /* never given twice; 0 = not known */
};

static inline bool process_is_same(struct process_identity a, struct process_identity b)
{
    return a.pid == b.pid && a.start == b.start &&
           (a.serial == b.serial || a.serial == 0 || b.serial == 0);
}

enum process_state {
    PROCESS_RUNS,
    PROCESS_STOPPED, /* by job control or SIGSTOP */
    PROCESS_TRACED,  /* a native debugger holds it */
    PROCESS_DISK,    /* uninterruptible: no signal reaches it now */
    PROCESS_DEAD,    /* gone, or a zombie without a live thread */
};

struct process_row {
    struct process_identity id;
    int32_t ppid;
    int32_t group;
    int32_t session;
    uint32_t uid;
    uint32_t user; /* the real one, of a process that carries a brand */
    bool user_known;
    uint32_t threads; /* 0 = not known */
    enum process_state state;
    bool brand_known;
    bool contained;  /* in the guard's own cgroup or job */
    bool is_kernels; /* a thread of the kernel: no program started it, and most take no signal */
    int mark;        /* tree_select's own */
    /* With --keep: who is named, itself or the one that it was started by; 0 = it is not kept. */
    int32_t kept_by;
    bool keep_untold; /* ... or nothing tells */
    struct brand_pair brand;
    char name[PROCESS_NAME_BYTES]; /* as the kernel gives it; may hold any byte */
};

#endif
