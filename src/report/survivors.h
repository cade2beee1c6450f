/* The processes that are left when not all of a tree could be ended, on stderr. */
#ifndef TREEFALL_REPORT_SURVIVORS_H
#define TREEFALL_REPORT_SURVIVORS_H

#include "report/ledger.h"

/* A line for each, and one for what could not be looked at. */
void survivors_say(const struct ledger *ledger);

#endif
