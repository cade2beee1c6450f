/* The watchdog: takes the ward's beats and requests, tells a legitimate silence from a hang, and
 * raises the event that follows. */
#ifndef TREEFALL_SENTINEL_WATCHDOG_H
#define TREEFALL_SENTINEL_WATCHDOG_H

#include "sentinel/sentinel.h"

/* NULL if the ward does not beat there. */
const struct beat_page *watchdog_page(const struct beats *beats);
/* Handles what arrived, if the source is `ready`, and checks whether the silence is too long. */
void watchdog_hear(struct sentinel *sentinel, bool ready, const struct clock_reading *now);
/* Looks out of turn. */
void watchdog_look(struct sentinel *sentinel, const struct clock_reading *now);
/* When the next look is due; INT64_MAX = never. */
int64_t watchdog_next_look(struct sentinel *sentinel);
/* Once the tree is being ended, silence is legitimate: the grace has its own end. */
bool watchdog_rests(const struct sentinel *sentinel);
/* Lets the users beat that the tree is known to have become. True if there is a new one. */
bool watchdog_admit_users(struct sentinel *sentinel);

#endif
