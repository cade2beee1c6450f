/* The time line of the HTML report, as inline SVG: a bar per process, from the trigger to its
 * signal. Many processes share one outline, which shows the tree shrinking. */
#ifndef TREEFALL_REPORT_CHART_H
#define TREEFALL_REPORT_CHART_H

#include "report/report.h"

/* Writes nothing if there was nothing to kill, or in a dry run. */
void report_write_chart(const struct report *report, struct sink *sink);

#endif
