/* The watchdog: takes the ward's beats and wishes, tells a silence that is legitimate from one that
 * is not, and raises the event that this amounts to. */
#ifndef TREEFALL_SENTINEL_WATCHDOG_H
#define TREEFALL_SENTINEL_WATCHDOG_H

#include "sentinel/sentinel.h"

/* NULL if the ward does not beat there. */
const struct beat_page *watchdog_page(const struct beats *beats);
/* What came, if the source is `ready`, and whether the silence is over its time. */
void watchdog_hear(struct sentinel *sentinel, bool ready, const struct clock_reading *now);
/* A look out of turn. */
void watchdog_look(struct sentinel *sentinel, const struct clock_reading *now);
/* When it looks next; INT64_MAX = never. */
int64_t watchdog_next_look(struct sentinel *sentinel);
/* Once the tree is being ended, silence is legitimate: the grace has its own end. */
bool watchdog_rests(const struct sentinel *sentinel);
/* The users that the tree has become may beat, as far as they are known; true if one is new. */
bool watchdog_admit_users(struct sentinel *sentinel);

#endif
