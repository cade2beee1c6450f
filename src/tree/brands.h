/* The brands that prove a member of this tree, and the users that they prove. */
#ifndef TREEFALL_TREE_BRANDS_H
#define TREEFALL_TREE_BRANDS_H

#include "core/process.h"

#include <stdbool.h>
#include <stddef.h>

#define BRANDS_MAX   16
#define BRANDS_USERS 16

/* What one guard learns, the others know: two may be killed right after one another. Two that learn
 * at once may lose one, which is learned again. */
struct brands_users {
    _Atomic size_t count;
    uint32_t list[BRANDS_USERS]; /* our own first, then those that the tree has become */
};

struct brands {
    struct brand list[BRANDS_MAX]; /* ours first, then those of guards found inside */
    size_t count;
    struct brands_users *users; /* NULL = no memory */
    /* A member may have its limits raised again (CAP_SYS_RESOURCE), or has lowered its own. */
    bool may_be_shed;
};

void brands_init(struct brands *brands);
void brands_done(struct brands *brands);
/* What proves a carrier: our brand or one that was found inside, on a process of its user. */
struct brand_proof brands_proof(const struct brands *brands);
/* Whether this is a brand of ours, whoever carries it. */
bool brands_know(const struct brands *brands, struct brand_pair pair);
/* Whether a carrier of this belongs. */
bool brands_cover(const struct brands *brands, const struct process_row *row);
/* Whether the process that has the number now is such a carrier. */
bool brands_mark(const struct brands *brands, int32_t pid);
/* Another route than the brand showed a member that carries it: its user is one of the tree. */
void brands_learn_user(struct brands *brands, const struct process_row *row);
/* Whether it is our own user or one that the tree has become. */
bool brands_have_user(const struct brands *brands, uint32_t user);

#endif
