/* A deputy does what another guard has to do and does not: it knows that guard's triggers, too. */
#ifndef TREEFALL_SENTINEL_DEPUTY_H
#define TREEFALL_SENTINEL_DEPUTY_H

#include "os/process.h"

struct sentinel;

/* What another guard sees to, and we see to when it does not. */
struct deputy {
    int64_t deadline_ms;     /* of --timeout; OS_FOREVER = none */
    os_handle caller;        /* of os/caller.h */
    struct os_process first; /* the sentinel that we stand in for; no handle = we are the first */
    bool first_counts;       /* its loss is a trigger */
    bool relieved;           /* it is there again */
    int64_t concern_ms;      /* when something is due that the other has not taken up */
};

/* What a sentinel waits for besides its own; both OS_NO_HANDLE while it has no need to. */
void deputy_handles(const struct sentinel *sentinel, os_handle *caller, os_handle *late);
/* The ward's end is the wrapper's business, and ours when the wrapper does not see to it. */
bool deputy_ward_counts(const struct sentinel *sentinel);
bool deputy_hears_ward(const struct sentinel *sentinel);
bool deputy_hears_first(const struct sentinel *sentinel);
/* Each turn. What another guard has to do is done here when it has not begun within a second; what
 * it has begun is followed. `late`: its alarm is over. `stirred`: one of those handles is ready. */
void deputy_stand_in(struct sentinel *sentinel, bool late, bool stirred, int64_t now_ms);

/* In one that stands in for another: whether that is there again. */
bool deputy_is_relieved(const struct sentinel *sentinel);

/* The heartbeat as another guard saw it last. */
void deputy_adopt(struct sentinel *sentinel);
void deputy_publish(struct sentinel *sentinel);

#endif
