/* Lists on stderr the processes that are left after an incomplete kill. */
#ifndef TREEFALL_REPORT_SURVIVORS_H
#define TREEFALL_REPORT_SURVIVORS_H

#include "report/ledger.h"

/* Writes a line for each, and one for what could not be looked at. */
void survivors_say(const struct ledger *ledger);

#endif
