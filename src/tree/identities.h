/* A list of processes. Its memory is mapped, because no guard uses malloc. */
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

/* The functions below need a list that is sorted by pid. */
/* Adds `id` if it is missing. False when there is no memory. */
bool identities_insert(struct identities *set, struct process_identity id);
/* The first entry with this number, or NULL. */
const struct process_identity *identities_find(const struct identities *set, int32_t pid);
bool identities_has(const struct identities *set, struct process_identity id);
/* Removes all entries with this number. */
void identities_remove(struct identities *set, int32_t pid);

#endif
