/* Reaps our children: the ward's exit status is kept, orphans are only counted. */
#ifndef TREEFALL_TREE_REAPER_H
#define TREEFALL_TREE_REAPER_H

#include "os/os.h"

struct reaper {
    int32_t ward;
    int64_t ward_since_ms; /* when the ward was started */
    bool ward_exited;
    bool ward_changed;        /* the ward was stopped or continued since the caller last looked */
    bool ward_told;           /* the status came from an init, whose own exit status says nothing */
    struct os_exit ward_exit; /* the last change of the ward */
    size_t reaped;            /* children that exited so far */
};

/* Takes all statuses that are pending. REAPED_NO_CHILDREN proves that nothing of the tree is left,
 * if we are its subreaper. */
enum os_reaped reaper_take(struct reaper *reaper);
/* The command exited with this status. Its init, which is the ward, still runs. */
void reaper_tell_ward(struct reaper *reaper, uint32_t status);

#endif
