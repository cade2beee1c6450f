/* Why a tree is killed. */
#ifndef TREEFALL_CORE_TRIGGER_H
#define TREEFALL_CORE_TRIGGER_H

enum trigger {
    TRIGGER_NONE,
    TRIGGER_STALE,             /* no beat for kill_delay */
    TRIGGER_WARD_DEAD,         /* the ward exited or was killed */
    TRIGGER_HEARTBEAT_MISSING, /* the heartbeat file disappeared */
    TRIGGER_GUARD_LOST,        /* the wrapper or the sentinel was killed */
    TRIGGER_CALLER_DEAD,       /* the process that started treefall is gone */
    TRIGGER_TIMEOUT,
    TRIGGER_ASKED, /* a stop signal, or treefall kill */
    TRIGGER_COUNT
};

/* The name used in reports: "ward-dead". */
const char *trigger_name(enum trigger trigger);
/* A sentence for people: "the ward exited". */
const char *trigger_sentence(enum trigger trigger);

#endif
