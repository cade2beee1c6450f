#include "core/trigger.h"

static const struct {
    const char *name;
    const char *sentence;
} triggers[TRIGGER_COUNT] = {
    [TRIGGER_NONE] = {"none", "nothing was killed"},
    [TRIGGER_STALE] = {"stale", "the heartbeat stopped"},
    [TRIGGER_WARD_DEAD] = {"ward-dead", "the ward exited"},
    [TRIGGER_HEARTBEAT_MISSING] = {"heartbeat-missing", "the heartbeat file is missing"},
    [TRIGGER_GUARD_LOST] = {"guard-lost", "a guard was killed"},
    [TRIGGER_CALLER_DEAD] = {"caller-dead", "the caller is gone"},
    [TRIGGER_TIMEOUT] = {"timeout", "the command timed out"},
    [TRIGGER_ASKED] = {"asked", "a stop was requested"},
};

const char *trigger_name(enum trigger trigger)
{
    return triggers[trigger].name;
}

const char *trigger_sentence(enum trigger trigger)
{
    return triggers[trigger].sentence;
}
