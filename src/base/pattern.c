#include "base/pattern.h"

#include <stddef.h>

/* Called after '['. Whether `c` is in the set. Moves `*at` behind the ']', or leaves it if there is
 * none. */
static bool set_has(const char **at, char c)
{
    const char *p = *at;
    bool negated = *p == '!' || *p == '^';
    bool found = false;
    p += negated;
    do {
        if (*p == '\0')
            return false;
        unsigned char low = (unsigned char)*p++;
        unsigned char high = low;
        if (p[0] == '-' && p[1] != ']' && p[1] != '\0') {
            high = (unsigned char)p[1];
            p += 2;
        }
        found |= low <= (unsigned char)c && (unsigned char)c <= high;
    } while (*p != ']');
    *at = p + 1;
    return found != negated;
}

/* Matches one element other than '*', and moves `*at` behind it. */
static bool one_matches(const char **at, char c)
{
    const char *p = *at;
    if (*p == '\0')
        return false;
    *at = p + 1;
    switch (*p) {
    case '?':
        return true;
    case '[': {
        bool in_set = set_has(at, c);
        return *at == p + 1 ? c == '[' : in_set; /* an unterminated set is a bracket */
    }
    case '\\':
        if (p[1] != '\0')
            *at = ++p + 1;
        return *p == c;
    default:
        return *p == c;
    }
}

/* Only the last star ever needs to be retried, so there is no recursion. */
bool pattern_matches(const char *pattern, const char *name)
{
    const char *after_star = NULL;
    const char *retry = NULL;
    while (*name != '\0') {
        if (*pattern == '*') {
            after_star = ++pattern;
            retry = name;
        } else if (one_matches(&pattern, *name)) {
            name++;
        } else if (after_star) {
            pattern = after_star;
            name = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}
