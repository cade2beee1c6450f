/* A list of processes. Its memory is mapped, as no guard uses malloc. */
#ifndef TREEFALL_TREE_IDENTITIES_H
#define TREEFALL_TREE_IDENTITIES_H

#include "core/process.h"

#include <stdbool.h>
#include <stddef.h>

struct identities {
    struct process_identity *list;
    size_t count;
    size_t capacity;
};

void identities_free(struct identities *set);
/* False when there is no memory. */
bool identities_grow(struct identities *set);
bool identities_append(struct identities *set, struct process_identity id);

/* Those below are for a list that is sorted by pid. */
/* Adds it once. False when there is no memory. */
bool identities_insert(struct identities *set, struct process_identity id);
/* The first with this number, or NULL. */
const struct process_identity *identities_find(const struct identities *set, int32_t pid);
bool identities_has(const struct identities *set, struct process_identity id);
/* Removes all with this number. */
void identities_remove(struct identities *set, int32_t pid);

#endif
