/* `treefall watch`: a pair of sentinels for a process that runs already. The second only takes the
 * place of the first. */
#ifndef TREEFALL_WATCH_WATCH_H
#define TREEFALL_WATCH_WATCH_H

#include "plan/settings.h"
#include "sentinel/sentinel.h"

struct watch {
    const struct watch_settings *settings;
    os_handle attested; /* the caller's, for the process that started us detached */
    struct scope scope;
    struct sentinel sentinel;
    struct os_process primary; /* this process, while it watches */
    os_handle dismissal;       /* closing it ends the partner */
    struct clock_reading started;
    char pid_file[4096];     /* absolute */
    bool incomplete;         /* something survived the kill */
    struct error unreported; /* why the report below was not written */
    const char *unwritten;
};

/* Opens the ward and its heartbeat, and refuses a ward that must not be watched. */
struct error watch_open(struct watch *watch, const struct watch_settings *settings);
/* The plan for the sentinels. */
struct plan watch_plan(const struct watch_settings *settings);
/* Arms every rung and starts the partner. From here on the ward is guarded. */
struct error watch_arm(struct watch *watch);
/* Watches until the tree has been killed, or until this process is told to stop. Calls
 * sentinel.attested, with the watch, once the pair is complete and the heartbeat was seen. Returns
 * treefall's exit status. */
int watch_run(struct watch *watch);
void watch_close(struct watch *watch);

#endif
