/* A deputy does the work of another guard when that guard does not do it. So it knows that guard's
 * triggers too. */
#ifndef TREEFALL_SENTINEL_DEPUTY_H
#define TREEFALL_SENTINEL_DEPUTY_H

#include "os/process.h"

struct sentinel;

/* The work of another guard, which we do if that guard does not. */
struct deputy {
    int64_t deadline_ms;     /* of --timeout; OS_FOREVER = none */
    os_handle caller;        /* of os/caller.h */
    struct os_process first; /* the sentinel that we replace; no handle = we are the first */
    bool first_counts;       /* the loss of `first` is a trigger */
    bool relieved;           /* `first` is working again */
    int64_t concern_ms;      /* when something is due and the other guard has not acted */
};

/* Further handles that the sentinel waits for. Both are OS_NO_HANDLE while there is no need. */
void deputy_handles(const struct sentinel *sentinel, os_handle *caller, os_handle *late);
/* The end of the ward is the wrapper's job, and ours if the wrapper does not do it. */
bool deputy_ward_counts(const struct sentinel *sentinel);
bool deputy_hears_ward(const struct sentinel *sentinel);
bool deputy_hears_first(const struct sentinel *sentinel);
/* Call each turn. Work that another guard has not begun within a second is done here. Work that it
 * has begun is followed. `late`: the other guard's alarm is over. `stirred`: one of those handles
 * is ready. */
void deputy_stand_in(struct sentinel *sentinel, bool late, bool stirred, int64_t now_ms);

/* In a deputy: whether the guard that it replaces is working again. */
bool deputy_is_relieved(const struct sentinel *sentinel);

/* Takes over the heartbeat as another guard saw it last. */
void deputy_adopt(struct sentinel *sentinel);
void deputy_publish(struct sentinel *sentinel);

#endif
