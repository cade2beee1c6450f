/* The brands that prove members of this tree, and the users for which they are a proof. */
#ifndef TREEFALL_TREE_BRANDS_H
#define TREEFALL_TREE_BRANDS_H

#include "core/process.h"

#include <stdbool.h>
#include <stddef.h>

#define BRANDS_MAX   16
#define BRANDS_USERS 16

/* Shared, so that each guard knows what another one learns, because both may be killed in quick
 * succession. If two guards learn at once, one entry may be lost; it is learned again. */
struct brands_users {
    _Atomic size_t count;
    uint32_t list[BRANDS_USERS]; /* our own first, then those that the tree has become */
};

struct brands {
    struct brand list[BRANDS_MAX]; /* our own first, then those of guards found inside */
    size_t count;
    struct brands_users *users; /* NULL = no memory */
    /* a member may get its limits raised (CAP_SYS_RESOURCE), or has lowered its own */
    bool may_be_shed;
};

void brands_init(struct brands *brands);
void brands_done(struct brands *brands);
/* What proves a member: our brand, or a brand found inside, on a process of the brand's user. */
struct brand_proof brands_proof(const struct brands *brands);
/* Whether `pair` carries one of our brands, regardless of the user. */
bool brands_know(const struct brands *brands, struct brand_pair pair);
/* Whether the brand of `row` proves it a member. */
bool brands_cover(const struct brands *brands, const struct process_row *row);
/* Whether the brand of the process that has this number now proves it a member. */
bool brands_mark(const struct brands *brands, int32_t pid);
/* Call for a member that another route than the brand has shown and that carries the brand: its
 * user is from now on a user of the tree. */
void brands_learn_user(struct brands *brands, const struct process_row *row);
/* Whether `user` is our own, or one that the tree has become. */
bool brands_have_user(const struct brands *brands, uint32_t user);

#endif
