/* The wire: the kernel kills the tree when the last guard dies. */
#ifndef TREEFALL_OS_WIRE_H
#define TREEFALL_OS_WIRE_H

#include "base/error.h"
#include "core/process.h"

#include <stddef.h>
#include <stdint.h>

/* Both guards share it: a target that one guard arms is armed for both. */
struct os_wire;
struct error os_wire_open(struct os_wire **out);
/* Proves on a throw-away process that the death of a guard sends the signals. */
struct error os_wire_prove(struct os_wire *wire);
/* Arms the witness's process group, which the tree made itself, or the witness alone. The witness
 * is looked at again before the wire is live, because its number may have passed to an innocent.
 * Start 0: its number cannot pass on, because it is a child of ours that is not reaped. Arming
 * twice is free. */
struct error os_wire_arm_group(struct os_wire *wire, const struct process_row *witness);
struct error os_wire_arm_process(struct os_wire *wire, const struct process_row *witness);
/* Begins a look at all targets. */
uint32_t os_wire_look(struct os_wire *wire);
/* Releases each target that no guard has armed since that look began. */
void os_wire_sweep(struct os_wire *wire, uint32_t look);
size_t os_wire_armed(const struct os_wire *wire);
/* Targets that were not armed for lack of descriptors, as of the last sweep. */
size_t os_wire_missed(const struct os_wire *wire);
/* How many targets can be armed. */
size_t os_wire_room(const struct os_wire *wire);
/* From now on the exit of the guards kills nothing, and nothing is armed. */
void os_wire_disarm(struct os_wire *wire);
void os_wire_close(struct os_wire *wire);

#endif
