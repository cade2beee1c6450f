/* What this machine allows: every route armed as `run` would, on nobody, and let go again. */
#ifndef TREEFALL_CLI_EXAMINATION_H
#define TREEFALL_CLI_EXAMINATION_H

#include "base/error.h"
#include "tree/scope.h"

struct finding {
    const char *name;
    const char *breaks; /* what does not work without it */
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
    struct scope scope; /* only its guarantee is left */
    struct finding findings[FINDING_COUNT];
    bool can_guard;
    bool is_emulated;
    size_t pruned; /* empty cgroups of runs whose guards were all killed: removed */
};

void examination_make(struct examination *examination);
/* How a route that is not armed here could be; NULL when nothing helps. */
const char *examination_remedy(const struct examination *examination, enum route route);

#endif
