/* Ask, wait, force - as data. A stop is asked for once; a second request, or the end of the budget,
 * forces. */
#ifndef TREEFALL_CORE_ESCALATION_H
#define TREEFALL_CORE_ESCALATION_H

#include "core/trigger.h"

#include <stdbool.h>
#include <stdint.h>

enum escalation_stage { STAGE_IDLE, STAGE_ASKED, STAGE_FORCED };

struct escalation {
    int64_t grace_ms;
    enum escalation_stage stage;
    enum trigger trigger; /* the first one: it is why the tree falls */
    int64_t deadline_ms;  /* of STAGE_ASKED */
    bool expired;         /* it was forced because the grace ran out */
};

/* A trigger fired. True when the ward is now to be asked. */
bool escalation_ask(struct escalation *escalation, enum trigger trigger, int64_t now_ms);
/* Forces now, whatever the stage. */
void escalation_force(struct escalation *escalation, enum trigger trigger);
/* True once the tree is to be forced. */
bool escalation_is_due(struct escalation *escalation, int64_t now_ms);
/* When to look again; INT64_MAX = never. */
int64_t escalation_deadline(const struct escalation *escalation);

#endif
