#include "core/trigger.h"

static const struct {
    const char *name;
    const char *sentence;
} triggers[TRIGGER_COUNT] = {
    [TRIGGER_NONE] = {"none", "nothing fell"},
    [TRIGGER_STALE] = {"stale", "the heartbeat stopped"},
    [TRIGGER_WARD_DEAD] = {"ward-dead", "the ward ended"},
    [TRIGGER_HEARTBEAT_MISSING] = {"heartbeat-missing", "the heartbeat went away"},
    [TRIGGER_GUARD_LOST] = {"guard-lost", "one of the two guards was killed"},
    [TRIGGER_CALLER_DEAD] = {"caller-dead", "its caller is gone"},
    [TRIGGER_TIMEOUT] = {"timeout", "the time ran out"},
    [TRIGGER_ASKED] = {"asked", "a stop was asked for"},
};

const char *trigger_name(enum trigger trigger)
{
    return triggers[trigger].name;
}

const char *trigger_sentence(enum trigger trigger)
{
    return triggers[trigger].sentence;
}
