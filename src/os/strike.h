/* Sending signals: the only place from which a signal is sent. */
#ifndef TREEFALL_OS_STRIKE_H
#define TREEFALL_OS_STRIKE_H

#include "core/brand.h"
#include "os/process.h"

#include <stddef.h>
#include <stdint.h>

enum os_strike {
    STRIKE_SENT,
    STRIKE_GONE,     /* already dead; another process may have the number now: not touched */
    STRIKE_UNPROVEN, /* its identity could not be proven: not touched */
    STRIKE_DENIED,
    STRIKE_STARVED,  /* no descriptor or memory was left to reach it: not touched */
    STRIKE_FILTERED, /* the system call itself is denied: not touched */
    STRIKE_REFUSED,  /* pid 1, ourselves, an ancestor */
    STRIKE_DEAF,     /* it has no way to receive a request to exit */
};

/* What must hold of a process, checked after its handle was opened and before the signal. */
struct os_proof {
    struct process_identity id; /* start 0: only the brand is the proof */
    struct brand_proof brand;   /* it must also carry one of these, if there are any */
};

enum os_strike os_strike(const struct os_proof *proof, int signal);
/* For a child of ours that is not reaped: no proof is needed. */
enum os_strike os_strike_child(int32_t pid, int signal);
/* The same through a handle that is already open. */
enum os_strike os_strike_handle(const struct os_process *process, int signal);
/* To the process group that `leader` made, a child of ours that is not reaped yet. */
enum os_strike os_strike_group(const struct os_process *leader, int signal);

#endif
