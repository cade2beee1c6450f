/* Glob patterns for names: * ? [a-z] [!a-z] and backslash. */
#ifndef TREEFALL_BASE_PATTERN_H
#define TREEFALL_BASE_PATTERN_H

#include <stdbool.h>

/* Whether all of `name` matches. Takes at most (length of pattern) x (length of name) steps. */
bool pattern_matches(const char *pattern, const char *name);

#endif
