#include "core/claim.h"

#include <stdatomic.h>

#define STAGE_SHIFT   0
#define SEAT_SHIFT    4
#define TRIGGER_SHIFT 8
#define TURN_SHIFT    16
#define TURN_MASK     0xffffu

static uint32_t pack(const struct claim *claim)
{
    return (uint32_t)claim->stage << STAGE_SHIFT | (uint32_t)claim->seat << SEAT_SHIFT |
           (uint32_t)claim->trigger << TRIGGER_SHIFT | (claim->turn & TURN_MASK) << TURN_SHIFT;
}

struct claim claim_read(const claim_word *word)
{
    uint32_t value = atomic_load(word);
    return (struct claim){
        .stage = (enum claim_stage)(value >> STAGE_SHIFT & 0xf),
        .seat = (enum claim_seat)(value >> SEAT_SHIFT & 0xf),
        .trigger = (enum trigger)(value >> TRIGGER_SHIFT & 0xff),
        .turn = value >> TURN_SHIFT,
    };
}

bool claim_is_over(const struct claim *claim)
{
    return claim->stage >= CLAIM_COMPLETE;
}

static bool replace(claim_word *word, const struct claim *seen, const struct claim *next)
{
    uint32_t expected = pack(seen);
    return atomic_compare_exchange_strong(word, &expected, pack(next));
}

bool claim_take(claim_word *word, enum claim_seat seat, enum trigger trigger)
{
    struct claim seen = claim_read(word);
    struct claim next = {CLAIM_ASKING, seat, trigger, seen.turn + 1};
    return seen.stage == CLAIM_OPEN && replace(word, &seen, &next);
}

bool claim_overtake(claim_word *word, const struct claim *seen, const struct claim *next)
{
    struct claim taken = *next;
    taken.turn = seen->turn + 1;
    return !claim_is_over(seen) && replace(word, seen, &taken);
}

bool claim_advance(claim_word *word, enum claim_seat seat, enum claim_stage stage)
{
    struct claim seen = claim_read(word);
    struct claim next = seen;
    next.stage = stage;
    return seen.seat == seat && seen.stage != CLAIM_OPEN && seen.stage <= stage &&
           replace(word, &seen, &next);
}
