/* `treefall watch`: a pair of sentinels for a process that runs already. The second does nothing
 * but take the first one's place. */
#ifndef TREEFALL_WATCH_WATCH_H
#define TREEFALL_WATCH_WATCH_H

#include "plan/settings.h"
#include "sentinel/sentinel.h"

struct watch {
    const struct watch_settings *settings;
    os_handle attested; /* for who started us detached; the caller's */
    struct scope scope;
    struct sentinel sentinel;
    struct os_process primary; /* ourselves, while we watch */
    os_handle dismissal;       /* closing it ends the partner */
    struct clock_reading started;
    char pid_file[4096];     /* absolute */
    bool incomplete;         /* something survived the fall */
    struct error unreported; /* why this report was not written: */
    const char *unwritten;
};

/* Opens the ward and its heartbeat, refusing what must not be watched. */
struct error watch_open(struct watch *watch, const struct watch_settings *settings);
/* What its sentinels are to do. */
struct plan watch_plan(const struct watch_settings *settings);
/* Arms every rung and starts the partner. From here on the ward is guarded. */
struct error watch_arm(struct watch *watch);
/* Watches until the tree has fallen or we are told to stop; calls sentinel.attested, with the
 * watch, once the pair stands and the heartbeat was seen. Returns treefall's exit status. */
int watch_run(struct watch *watch);
void watch_close(struct watch *watch);

#endif
