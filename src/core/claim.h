/* Which guard kills the tree: one word that all guards of the tree share. A guard takes the claim
 * before it acts, so no two guards act for the same trigger. If a guard was stopped while it held
 * the claim, the word shows it that another guard has overtaken it. */
#ifndef TREEFALL_CORE_CLAIM_H
#define TREEFALL_CORE_CLAIM_H

#include "core/trigger.h"

#include <stdbool.h>
#include <stdint.h>

enum claim_seat { SEAT_NONE, SEAT_WRAPPER, SEAT_SENTINEL, SEAT_RESERVE, SEAT_COUNT };

enum claim_stage {
    CLAIM_OPEN,
    CLAIM_ASKING, /* the tree was asked to exit, and has its grace */
    CLAIM_FELLING,
    CLAIM_REPORTING, /* the tree is gone or given up; the report is being written */
    CLAIM_COMPLETE,
    CLAIM_INCOMPLETE, /* something survived */
};

struct claim {
    enum claim_stage stage;
    enum claim_seat seat; /* the guard that holds the claim */
    enum trigger trigger;
    unsigned turn; /* how often the claim passed on: an old word never equals a newer one */
};

typedef _Atomic uint32_t claim_word;

struct claim claim_read(const claim_word *word);
bool claim_is_over(const struct claim *claim);
/* True if the claim was open and belongs to `seat` now. */
bool claim_take(claim_word *word, enum claim_seat seat, enum trigger trigger);
/* Takes the claim from the guard that holds it as `seen`. False if the claim has changed since. */
bool claim_overtake(claim_word *word, const struct claim *seen, const struct claim *next);
/* Moves the claim to a later stage. False if `seat` does not hold it any more. */
bool claim_advance(claim_word *word, enum claim_seat seat, enum claim_stage stage);

#endif
