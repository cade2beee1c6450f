/* Publishing a report: each requested file as a whole, in the format of its ending. */
#ifndef TREEFALL_REPORT_PUBLISH_H
#define TREEFALL_REPORT_PUBLISH_H

#include "report/ledger.h"

/* Fills in the ledger's lines and the version. Returns the first error, and its path in `failed`
 * (which may be NULL). The other files are written all the same. */
struct error publish_report(struct report *report, const struct ledger *ledger,
                            const char *const *paths, size_t count, const char **failed);
/* Whether a report can be written there: a known ending, and a folder that accepts the file. */
struct error publish_check(const char *path);

#endif
