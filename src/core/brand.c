#include "core/brand.h"

#include "base/text.h"

#define ROOT_BIT   (1ULL << 62)
#define SOFT_UNSET ((1ULL << 60) - 1)
#define HEX_DIGITS 16
/* A step in `hard` goes down by at most this part of itself. A few picks then leave a crowd of
 * siblings behind, and every first pick has room for at least 64 more. */
#define STRIDE_PART  16
#define STRIDE_LEAST 2

struct step_place {
    bool in_hard;
    unsigned shift;
    uint64_t ones; /* the step not taken */
};

/* Level 1 is the tag itself; level n + 1 is step n. */
static const struct step_place places[BRAND_LEVELS] = {
    {true, 22, (1ULL << 40) - 1}, {true, 11, 0x7ff},  {true, 0, 0x7ff},   {false, 48, 0xfff},
    {false, 36, 0xfff},           {false, 24, 0xfff}, {false, 12, 0xfff}, {false, 0, 0xfff},
};

static uint64_t *half_of(struct brand_pair *pair, const struct step_place *place)
{
    return place->in_hard ? &pair->hard : &pair->soft;
}

/* A program that raised soft to hard lost the soft steps, but never the hard ones. The raised value
 * must not be read as steps: it could look like a sibling's. */
static struct brand_pair without_raised(struct brand_pair pair)
{
    if (pair.soft > SOFT_UNSET)
        pair.soft = SOFT_UNSET;
    return pair;
}

static uint64_t step_at(struct brand_pair pair, unsigned level)
{
    const struct step_place *place = &places[level - 1];
    return (*half_of(&pair, place) >> place->shift) & place->ones;
}

/* In `soft`, zero is not a step either: a program that sets a real soft limit leaves zeros
 * there. */
static bool step_is_taken(uint64_t step, const struct step_place *place)
{
    return step != place->ones && (place->in_hard || step != 0);
}

static void step_set(struct brand *brand, unsigned level, uint64_t step)
{
    const struct step_place *place = &places[level - 1];
    uint64_t field = place->ones << place->shift;
    uint64_t *value = half_of(&brand->value, place);
    *value = (*value & ~field) | (step << place->shift);
    *half_of(&brand->mask, place) |= field;
    brand->level = level;
}

enum brand_reading brand_read(struct brand_pair pair, struct brand *out)
{
    if (pair.hard == BRAND_UNLIMITED)
        return BRAND_ABSENT;
    if (pair.hard >> 62 != 1)
        return BRAND_FOREIGN;
    pair = without_raised(pair);
    struct brand brand = {.value = {.soft = SOFT_UNSET, .hard = ROOT_BIT}, .mask = {0, 3ULL << 62}};
    for (unsigned level = 2; level <= 3; level++)
        brand.value.hard |= places[level - 1].ones << places[level - 1].shift;
    step_set(&brand, 1, step_at(pair, 1));
    for (unsigned level = 2; level <= BRAND_LEVELS; level++) {
        uint64_t step = step_at(pair, level);
        if (!step_is_taken(step, &places[level - 1]))
            break;
        step_set(&brand, level, step);
    }
    *out = brand;
    return BRAND_PRESENT;
}

static uint64_t soft_pick(const struct step_place *place, uint64_t random)
{
    return 1 + random % (place->ones - 1);
}

/* Steps in `hard` can only go down, so the first pick leaves room below it. */
static uint64_t first_pick(const struct step_place *place, uint64_t random)
{
    uint64_t half = (place->ones + 1) / 2;
    return place->in_hard ? half + random % (half - 1) : soft_pick(place, random);
}

bool brand_below(struct brand_pair present, uint64_t random, struct brand *out)
{
    struct brand brand;
    switch (brand_read(present, &brand)) {
    case BRAND_FOREIGN:
        return false;
    case BRAND_ABSENT:
        brand_read((struct brand_pair){SOFT_UNSET, (1ULL << 63) - 1}, &brand);
        step_set(&brand, 1, random % places[0].ones);
        break;
    case BRAND_PRESENT:
        if (brand.level == BRAND_LEVELS)
            return false;
        step_set(&brand, brand.level + 1, first_pick(&places[brand.level], random));
        break;
    }
    *out = brand;
    return true;
}

static uint64_t stride(uint64_t step)
{
    uint64_t most = step / STRIDE_PART;
    if (most < STRIDE_LEAST)
        most = STRIDE_LEAST;
    return step < most ? step : most;
}

bool brand_pick_again(struct brand *brand, uint64_t random)
{
    if (brand->level < 2)
        return false;
    const struct step_place *place = &places[brand->level - 1];
    uint64_t now = step_at(brand->value, brand->level);
    if (place->in_hard && now == 0)
        return false;
    uint64_t next = place->in_hard ? now - 1 - random % stride(now) : soft_pick(place, random);
    if (next == now)
        next = next > 1 ? next - 1 : place->ones - 1;
    step_set(brand, brand->level, next);
    return true;
}

struct brand brand_cut(const struct brand *brand, unsigned level)
{
    struct brand cut = *brand;
    for (; cut.level > level; cut.level--) {
        const struct step_place *place = &places[cut.level - 1];
        *half_of(&cut.mask, place) &= ~(place->ones << place->shift);
        *half_of(&cut.value, place) |= place->ones << place->shift;
    }
    return cut;
}

static char *put_hex(char *at, uint64_t number)
{
    text_hex(at, number, HEX_DIGITS);
    return at + HEX_DIGITS;
}

void brand_to_text(const struct brand *brand, char text[BRAND_TEXT_BYTES])
{
    char *at = put_hex(text, brand->value.hard);
    *at++ = '.';
    at = put_hex(at, brand->value.soft);
    *at++ = '.';
    *at++ = (char)('0' + brand->level);
    *at = '\0';
}

static bool take_hex(const char **at, uint64_t *out)
{
    uint64_t number = 0;
    for (int digit = 0; digit < HEX_DIGITS; digit++) {
        char c = *(*at)++;
        if (c >= '0' && c <= '9')
            number = number << 4 | (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            number = number << 4 | (uint64_t)(c - 'a' + 10);
        else
            return false;
    }
    *out = number;
    return true;
}

bool brand_from_text(const char *text, struct brand *out)
{
    struct brand_pair pair;
    struct brand brand;
    if (!take_hex(&text, &pair.hard) || *text++ != '.' || !take_hex(&text, &pair.soft) ||
        *text++ != '.' || brand_read(pair, &brand) != BRAND_PRESENT)
        return false;
    if (*text < '1' || *text > '0' + BRAND_LEVELS || text[1] != '\0' ||
        brand.level < (unsigned)(*text - '0'))
        return false;
    *out = brand_cut(&brand, (unsigned)(*text - '0'));
    return true;
}

bool brand_covers(const struct brand *brand, struct brand_pair member)
{
    member = without_raised(member);
    return brand->level > 0 && member.hard >> 62 == 1 &&
           (member.hard & brand->mask.hard) == (brand->value.hard & brand->mask.hard) &&
           (member.soft & brand->mask.soft) == (brand->value.soft & brand->mask.soft);
}

static bool speaks_for(const struct brand_proof *proof, const struct brand *brand, uint32_t user)
{
    if (brand->user == user)
        return true;
    if (proof->user_count == 0 || brand->user != proof->users[0])
        return false;
    for (size_t i = 1; i < proof->user_count; i++)
        if (proof->users[i] == user)
            return true;
    return false;
}

bool brand_proves(const struct brand_proof *proof, struct brand_pair pair, uint32_t user)
{
    for (size_t i = 0; i < proof->count; i++)
        if (brand_covers(&proof->brands[i], pair) && speaks_for(proof, &proof->brands[i], user))
            return true;
    return false;
}

bool brand_is_beside(const struct brand *brand, struct brand_pair member)
{
    struct brand read;
    if (brand->level < 2 || brand_read(member, &read) != BRAND_PRESENT || read.level < brand->level)
        return false;
    struct brand above = brand_cut(brand, brand->level - 1);
    return brand_covers(&above, member) && !brand_covers(brand, member);
}

bool brand_same(struct brand_pair a, struct brand_pair b)
{
    return a.soft == b.soft && a.hard == b.hard;
}
