#include "core/escalation.h"

bool escalation_ask(struct escalation *escalation, enum trigger trigger, int64_t now_ms)
{
    if (escalation->stage != STAGE_IDLE)
        return false;
    escalation->stage = STAGE_ASKED;
    escalation->trigger = trigger;
    escalation->deadline_ms =
        escalation->grace_ms > INT64_MAX - now_ms ? INT64_MAX : now_ms + escalation->grace_ms;
    return true;
}

void escalation_force(struct escalation *escalation, enum trigger trigger)
{
    if (escalation->stage == STAGE_IDLE)
        escalation->trigger = trigger;
    escalation->stage = STAGE_FORCED;
}

bool escalation_is_due(struct escalation *escalation, int64_t now_ms)
{
    if (escalation->stage == STAGE_ASKED && now_ms >= escalation->deadline_ms) {
        escalation->stage = STAGE_FORCED;
        escalation->expired = true;
    }
    return escalation->stage == STAGE_FORCED;
}

int64_t escalation_deadline(const struct escalation *escalation)
{
    return escalation->stage == STAGE_ASKED ? escalation->deadline_ms : INT64_MAX;
}
