/* The name that a mistyped word probably meant. */
#ifndef TREEFALL_CLI_NEAREST_H
#define TREEFALL_CLI_NEAREST_H

#include <stddef.h>

#define NEAREST_BYTES 32

struct nearest {
    const char *name; /* the best so far, or NULL */
    size_t distance;
};

/* Compares one candidate. Call it for each, then read `name`. */
void nearest_weigh(struct nearest *nearest, const char *word, size_t length, const char *candidate);

#endif
