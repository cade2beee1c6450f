/* Why a tree falls. */
#ifndef TREEFALL_CORE_TRIGGER_H
#define TREEFALL_CORE_TRIGGER_H

enum trigger {
    TRIGGER_NONE,
    TRIGGER_STALE,             /* no beat for kill_delay */
    TRIGGER_WARD_DEAD,         /* the ward ended, or was ended */
    TRIGGER_HEARTBEAT_MISSING, /* the heartbeat file went away */
    TRIGGER_GUARD_LOST,        /* the wrapper or the sentinel was killed */
    TRIGGER_CALLER_DEAD,       /* who started treefall is gone */
    TRIGGER_TIMEOUT,
    TRIGGER_ASKED, /* a stop signal, or treefall kill */
    TRIGGER_COUNT
};

/* The name used in reports: "ward-dead". */
const char *trigger_name(enum trigger trigger);
/* A sentence for people: "the ward ended". */
const char *trigger_sentence(enum trigger trigger);

#endif
