/* Takes the statuses of our children: the ward's is kept, the orphans' are only counted. */
#ifndef TREEFALL_TREE_REAPER_H
#define TREEFALL_TREE_REAPER_H

#include "os/os.h"

struct reaper {
    int32_t ward;
    int64_t ward_since_ms; /* when it was made */
    bool ward_exited;
    bool ward_changed;        /* stopped or continued since the caller last looked */
    bool ward_told;           /* by an init: what becomes of the init says nothing */
    struct os_exit ward_exit; /* the last change of the ward */
    size_t reaped;            /* ended children so far */
};

/* Takes all there is now. REAPED_NO_CHILDREN proves that nothing of the tree is left, if we are its
 * subreaper. */
enum os_reaped reaper_take(struct reaper *reaper);
/* The command ended with this, and its init, which is the ward, goes on. */
void reaper_tell_ward(struct reaper *reaper, uint32_t status);

#endif
