#include "core/report.h"

const char *report_outcome_name(enum report_outcome outcome)
{
    static const char *const names[OUTCOME_COUNT] = {
        [OUTCOME_FELL] = "fell",   [OUTCOME_GONE] = "gone",   [OUTCOME_KEPT] = "kept",
        [OUTCOME_SURVIVED] = "survived", [OUTCOME_FOUND] = "found",
    };
    return names[outcome];
}

size_t report_count(const struct report *report, enum report_outcome outcome)
{
    size_t count = 0;
    for (size_t i = 0; i < report->line_count; i++)
        count += report->lines[i].outcome == outcome;
    return count;
}
