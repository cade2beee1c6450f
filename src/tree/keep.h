/* --keep: which members are spared. A pattern names a program by its name or its command line. The
 * processes that this program started are spared too, because it needs them. */
#ifndef TREEFALL_TREE_KEEP_H
#define TREEFALL_TREE_KEEP_H

#include "tree/census.h"

#define KEEP_REASON "it matches --keep"
#define KEEP_UNTOLD                                                                                \
    "its command line cannot be read, so --keep may apply to it or to the process that started it"

enum keep_answer { KEEP_NO, KEEP_YES, KEEP_CANNOT_TELL };

/* Call before any guard is forked: the guards share what they learn. */
void keep_begin(struct scope *scope, const char *const *patterns, size_t count);
void keep_end(struct scope *scope);
/* Whether a pattern names the process itself. The process that started it is not considered. */
enum keep_answer keep_names(const struct scope *scope, const struct process_row *row);
/* Writes `kept_by` and `keep_untold` into the members' rows. */
void keep_mark(struct census *census, struct scope *scope);
/* Whether no signal may be sent: the process is kept, or may be. */
static inline bool keep_spares(const struct process_row *row)
{
    return row->kept_by != 0 || row->keep_untold;
}

#endif
