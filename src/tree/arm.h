/* Arming the rungs of the ladder, one after another. Each function records in the scope's guarantee
 * whether the rung holds and if not, why. No failure is fatal by itself. */
#ifndef TREEFALL_TREE_ARM_H
#define TREEFALL_TREE_ARM_H

#include "tree/scope.h"

/* `without` has a bit (1u << route) for each rung that the user switched off. */

#define WIRE_REFUSED "the kernel refused it (it needs a readable /proc)"

/* Picks the brand for a new tree below ours. */
void arm_brand(struct scope *scope, unsigned without);
/* A step below `present` that no process has now, for a ward of brand->user. False when none is
 * free. */
bool arm_brand_pick(struct brand *brand, struct brand_pair present, int32_t ward);
/* Why arm_brand_pick found no brand. */
const char *arm_brand_refusal(struct brand_pair present);
/* Call when the ward carries the brand. Picks another step as long as a stranger has the same one.
 * Returns whether the scope's brand has changed. */
bool arm_brand_settle(struct scope *scope);
void arm_container(struct scope *scope, unsigned without);
void arm_subreaper(struct scope *scope, unsigned without);
void arm_wire(struct scope *scope, unsigned without);
/* Subscribes to the kernel's events: to new sessions, or to forks if the tree needs those
 * (births.h), so call it after the brand and the container. The handle is OS_NO_HANDLE if that is
 * not possible. */
void arm_events(struct scope *scope, unsigned without, os_handle *events);
/* A self-test of the rung has failed. */
void arm_unproven(struct scope *scope, enum route route);
/* The routes that need no preparation. */
void arm_passive(struct scope *scope, unsigned without);

#endif
