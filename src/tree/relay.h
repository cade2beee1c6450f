/* Relays: programs that only pass signals on to a process that they started as another user or on
 * another machine. Nothing else reaches that process, so relays are killed last. */
#ifndef TREEFALL_TREE_RELAY_H
#define TREEFALL_TREE_RELAY_H

#include "core/process.h"

#include <stddef.h>

#define RELAYS_AT_MOST 16

struct relays {
    int32_t pids[RELAYS_AT_MOST];
    size_t count;
};

/* Remembers a member that is asked, if it is a relay. At most RELAYS_AT_MOST are remembered. */
void relays_note(struct relays *relays, const struct process_row *row);
bool relays_have(const struct relays *relays, int32_t pid);

#endif
