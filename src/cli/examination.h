/* What this machine allows: arms every route as `run` would, but for no process, and releases
 * it. */
#ifndef TREEFALL_CLI_EXAMINATION_H
#define TREEFALL_CLI_EXAMINATION_H

#include "base/error.h"
#include "tree/scope.h"

struct finding {
    const char *name;
    const char *breaks; /* what does not work without the route */
    struct error error;
};

enum {
    FINDING_PIDFD,
    FINDING_PROC,
    FINDING_OTHERS,
    FINDING_FOLDER,
    FINDING_ISOLATION,
    FINDING_CAP,
    FINDING_EMULATION,
    FINDING_COUNT
};

struct examination {
    struct scope scope; /* only its guarantee remains valid */
    struct finding findings[FINDING_COUNT];
    bool can_guard;
    bool is_emulated;
    size_t pruned; /* removed: empty cgroups of runs whose guards were all killed */
};

void examination_make(struct examination *examination);
/* How a route that is not armed here could be armed; NULL if nothing helps. */
const char *examination_remedy(const struct examination *examination, enum route route);

#endif
