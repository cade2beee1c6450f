/* Publishing a report: each wanted file whole, in the format that its name ends with. */
#ifndef TREEFALL_REPORT_PUBLISH_H
#define TREEFALL_REPORT_PUBLISH_H

#include "report/ledger.h"

/* Fills in the ledger's lines and the version. An error is the first one met, and `failed` (which
 * may be NULL) its path; the other files are written all the same. */
struct error publish_report(struct report *report, const struct ledger *ledger,
                            const char *const *paths, size_t count, const char **failed);
/* Whether a report can be written there: a known ending, a folder that takes it. */
struct error publish_check(const char *path);

#endif
