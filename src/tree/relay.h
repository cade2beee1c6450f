/* Relays: programs that only pass signals on to what they have started as another user or on
 * another machine. Nothing else reaches that, so they are killed last. */
#ifndef TREEFALL_TREE_RELAY_H
#define TREEFALL_TREE_RELAY_H

#include "core/process.h"

#include <stddef.h>

#define RELAYS_AT_MOST 16

struct relays {
    int32_t pids[RELAYS_AT_MOST];
    size_t count;
};

/* A member that is asked: it is remembered if it is one. Beyond RELAYS_AT_MOST it is not. */
void relays_note(struct relays *relays, const struct process_row *row);
bool relays_have(const struct relays *relays, int32_t pid);

#endif
