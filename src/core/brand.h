/* The brand: a tag that a process inherits and cannot shed. It is carried by a pair of 64-bit
 * limits (soft, hard), of which hard can only be lowered. Guards nest by prefix: the tag of an
 * inner guard is the tag of the outer guard and one more step.
 *
 *   hard = 0 1 | 40 random bits | step 1 (11 bits) | step 2 (11 bits)
 *   soft = 0 0 0 0 | steps 3 to 7 (12 bits each)
 *
 * A step that is not taken is all ones, so taking a step in `hard` lowers it. A program may change
 * `soft`, so there zero means "not taken" too. Pure arithmetic: nothing here reads or writes a
 * limit. */
#ifndef TREEFALL_CORE_BRAND_H
#define TREEFALL_CORE_BRAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BRAND_LEVELS    8
#define BRAND_UNLIMITED UINT64_MAX

struct brand_pair {
    uint64_t soft;
    uint64_t hard;
};

/* A guard's brand: every pair that agrees with `value` under `mask` is in its tree. */
struct brand {
    struct brand_pair value;
    struct brand_pair mask;
    unsigned level; /* 1 to BRAND_LEVELS; 0 = none */
    uint32_t user;  /* that the brand was made for, or found on */
};

/* What carrying a brand proves. A user may read a brand in /proc/PID/limits and lower the limit of
 * his own processes to it, but not that of another user's. So a brand proves the processes of its
 * own user. A brand of the guard's user also proves the processes of the users that the tree has
 * become (su, a daemon that drops its privileges), once another route has shown one of them in the
 * tree. */
struct brand_proof {
    const struct brand *brands;
    size_t count;
    const uint32_t *users; /* the guard's own first, then those that the tree has become */
    size_t user_count;
};

enum brand_reading {
    BRAND_ABSENT,  /* no limit is set: free to brand */
    BRAND_PRESENT, /* a brand */
    BRAND_FOREIGN, /* another program's real limit: leave it alone */
};

enum brand_reading brand_read(struct brand_pair pair, struct brand *out);

/* The next level below what `present` carries. `random` supplies the tag or the step.
 * False when the limit is foreign or all levels are taken. */
bool brand_below(struct brand_pair present, uint64_t random, struct brand *out);

/* Another value for the last step of `brand`, which the present limits still allow. False when none
 * is left. A first level has 40 random bits and is not picked again. */
bool brand_pick_again(struct brand *brand, uint64_t random);

/* The guard's brand at `level` of a deeper brand: it covers every pair with that prefix. */
struct brand brand_cut(const struct brand *brand, unsigned level);

/* The brand as text, and back: what TREEFALL_WARD carries. "HARD.SOFT.LEVEL" in hexadecimal. */
#define BRAND_TEXT_BYTES 40
void brand_to_text(const struct brand *brand, char text[BRAND_TEXT_BYTES]);
bool brand_from_text(const char *text, struct brand *out);

bool brand_covers(const struct brand *brand, struct brand_pair member);
/* Whether a process of `user` that carries `pair` belongs to the tree. */
bool brand_proves(const struct brand_proof *proof, struct brand_pair pair, uint32_t user);
/* Whether `member` belongs to a sibling: it has the same guard above it, but another step where
 * `brand` has its own. */
bool brand_is_beside(const struct brand *brand, struct brand_pair member);
bool brand_same(struct brand_pair a, struct brand_pair b);

#endif
