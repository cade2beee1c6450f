/* The keeper: a thread in the ward that replaces a lost sentinel. */
#ifndef TREEFALL_LIB_KEEPER_H
#define TREEFALL_LIB_KEEPER_H

#include "lib/handle.h"

/* TREEFALL_OK or TREEFALL_ESYSTEM. The keeper ends when the guard is dismissed. */
int keeper_start(struct treefall *guard);
void keeper_join(struct treefall *guard);

#endif
