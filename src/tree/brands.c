#include "tree/brands.h"

#include "os/brand.h"
#include "os/pages.h"
#include "os/process.h"
#include "os/user.h"

void brands_init(struct brands *brands)
{
    *brands = (struct brands){.users = os_pages_shared(sizeof *brands->users)};
    if (brands->users)
        brands->users->count = !os_process_user(os_process_self(), &brands->users->list[0]).code;
}

void brands_done(struct brands *brands)
{
    os_pages_free(brands->users, sizeof *brands->users);
    brands->users = NULL;
}

struct brand_proof brands_proof(const struct brands *brands)
{
    struct brand_proof proof = {.brands = brands->list, .count = brands->count};
    if (brands->users) {
        proof.users = brands->users->list;
        proof.user_count = brands->users->count;
    }
    return proof;
}

bool brands_cover(const struct brands *brands, const struct process_row *row)
{
    struct brand_proof proof = brands_proof(brands);
    return row->brand_known && row->user_known && brand_proves(&proof, row->brand, row->user);
}

bool brands_know(const struct brands *brands, struct brand_pair pair)
{
    for (size_t i = 0; i < brands->count; i++)
        if (brand_covers(&brands->list[i], pair))
            return true;
    return false;
}

bool brands_mark(const struct brands *brands, int32_t pid)
{
    struct process_row row = {.brand_known = !os_brand_get(pid, &row.brand).code};
    row.user_known = row.brand_known && !os_process_user(pid, &row.user).code;
    return brands_cover(brands, &row);
}

bool brands_have_user(const struct brands *brands, uint32_t user)
{
    struct brand_proof proof = brands_proof(brands);
    for (size_t i = 0; i < proof.user_count; i++)
        if (proof.users[i] == user)
            return true;
    return user == os_user();
}

/* The brand scan reads the user only for processes that carry a brand. Otherwise the user is read
 * here by number, and afterwards the number must still be this process's. */
static bool find_user(const struct process_row *row, uint32_t *user)
{
    *user = row->user;
    return row->user_known ||
           (!os_process_user(row->id.pid, user).code && os_process_is_there(row->id));
}

void brands_learn_user(struct brands *brands, const struct process_row *row)
{
    struct brands_users *users = brands->users;
    uint32_t user;
    if (!users || !find_user(row, &user) || brands_have_user(brands, user))
        return;
    size_t count = users->count;
    if (count == 0 || count == BRANDS_USERS)
        return;
    users->list[count] = user;
    users->count = count + 1;
}
