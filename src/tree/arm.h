/* Arming: the rungs of the ladder, one after another. Each says in the scope's guarantee whether it
 * holds, and if not, why. None is fatal by itself. */
#ifndef TREEFALL_TREE_ARM_H
#define TREEFALL_TREE_ARM_H

#include "tree/scope.h"

/* `without` has a bit (1u << route) for each rung that the user switched off. */

#define WIRE_REFUSED "the kernel refused it (it needs a readable /proc)"

/* Picks the brand for a new tree below ours. */
void arm_brand(struct scope *scope, unsigned without);
/* A step below `present` that nobody has now, for a ward of brand->user. False when there is none.
 */
bool arm_brand_pick(struct brand *brand, struct brand_pair present, int32_t ward);
/* Why there is none. */
const char *arm_brand_refusal(struct brand_pair present);
/* After the ward carries it: picks another step as long as a stranger has the same one. Returns
 * whether the scope's brand is another now. */
bool arm_brand_settle(struct scope *scope);
void arm_container(struct scope *scope, unsigned without);
void arm_subreaper(struct scope *scope, unsigned without);
void arm_wire(struct scope *scope, unsigned without);
/* Joins the kernel's events: of new sessions, or of forks where a tree needs those (births.h), so
 * it comes after the brand and the container. The handle is OS_NO_HANDLE where that is not
 * possible. */
void arm_events(struct scope *scope, unsigned without, os_handle *events);
/* A self-test of the rung has failed. */
void arm_unproven(struct scope *scope, enum route route);
/* What needs no preparation. */
void arm_passive(struct scope *scope, unsigned without);

#endif
