/* What is known of a process: a row of the process table, and an identity that stays valid when the
 * number is reused. */
#ifndef TREEFALL_CORE_PROCESS_H
#define TREEFALL_CORE_PROCESS_H

#include "core/brand.h"

#include <stdbool.h>
#include <stdint.h>

#define PROCESS_NAME_BYTES 64

/* A number may be reused, but not with the same start time. The exceptions are numbers that are
 * chosen, or wrap around, within one clock tick: the kernel's serial tells those apart. */
struct process_identity {
    int32_t pid;
    uint64_t start;  /* ticks since boot on Linux, FILETIME on Windows; 0 = not known */
    uint64_t serial; /* never reused; 0 = not known */
};

static inline bool process_is_same(struct process_identity a, struct process_identity b)
{
    return a.pid == b.pid && a.start == b.start &&
           (a.serial == b.serial || a.serial == 0 || b.serial == 0);
}

enum process_state {
    PROCESS_RUNS,
    PROCESS_STOPPED, /* by job control or SIGSTOP */
    PROCESS_TRACED,  /* a native debugger holds the process */
    PROCESS_DISK,    /* uninterruptible: no signal reaches the process now */
    PROCESS_DEAD,    /* gone, or a zombie without a live thread */
};

struct process_row {
    struct process_identity id;
    int32_t ppid;
    int32_t group;
    int32_t session;
    uint32_t uid;
    uint32_t user; /* the real user, of a process that carries a brand */
    bool user_known;
    uint32_t threads; /* 0 = not known */
    enum process_state state;
    bool brand_known;
    bool contained;  /* in the guard's own cgroup or job */
    bool is_kernels; /* a kernel thread: no program started it, and most take no signal */
    int mark;        /* private to tree_select */
    /* With --keep: the pid that a pattern names, which is the process itself or the one that
     * started it. 0 = not kept. */
    int32_t kept_by;
    bool keep_untold; /* it cannot be told whether the process is kept */
    struct brand_pair brand;
    char name[PROCESS_NAME_BYTES]; /* as the kernel gives it; may hold any byte */
};

#endif
