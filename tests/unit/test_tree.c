#include "core/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MOST 64

static struct process_row table[MOST];
static size_t row_count;
static struct member members[MOST];
static struct tree_proof proof;

/* A tree with the ward 100, born at 1000; the machine's init is 1, the shell 50. */
static int fresh(void **unused)
{
    (void)unused;
    row_count = 0;
    memset(table, 0, sizeof table);
    proof = (struct tree_proof){.ward = {100, 1000}, .container_route = ROUTE_CGROUP};
    return 0;
}

static struct process_row *add(int32_t pid, int32_t ppid, uint64_t start)
{
    struct process_row *row = &table[row_count++];
    *row = (struct process_row){.id = {pid, start}, .ppid = ppid, .group = pid, .session = 50};
    return row;
}

static void add_machine(void)
{
    add(1, 0, 1);
    add(50, 1, 10);
    add(100, 50, 1000);
}

static size_t select_all(void)
{
    struct process_row rows[MOST];
    memcpy(rows, table, sizeof rows);
    return tree_select(rows, row_count, &proof, members);
}

/* The members are these, in this order; ends with 0. */
static void expect(const int32_t *pids)
{
    size_t found = select_all();
    size_t wanted = 0;
    while (pids[wanted] != 0)
        wanted++;
    for (size_t i = 0; i < found && i < wanted; i++)
        assert_int_equal(members[i].row.id.pid, pids[i]);
    assert_int_equal(found, wanted);
}
#define EXPECT(...) expect((const int32_t[]){__VA_ARGS__, 0})

static enum route route_of(int32_t pid)
{
    size_t found = select_all();
    for (size_t i = 0; i < found; i++)
        if (members[i].row.id.pid == pid)
            return members[i].route;
    fail_msg("%d is no member", pid);
    return ROUTE_COUNT;
}

static struct brand brand_of(uint64_t random)
{
    struct brand brand;
    assert_true(brand_below((struct brand_pair){BRAND_UNLIMITED, BRAND_UNLIMITED}, random, &brand));
    return brand;
}

static void carry(struct process_row *row, const struct brand *brand)
{
    row->brand = brand->value;
    row->brand_known = row->user_known = true;
}

/* ---- each proof alone ---- */

static void an_empty_table_has_no_members(void **unused)
{
    (void)unused;
    assert_int_equal(tree_select(table, 0, &proof, members), 0);
}

static void the_ward_and_its_descendants_belong(void **unused)
{
    (void)unused;
    add_machine();
    add(101, 100, 1001);
    add(102, 101, 1002);
    add(60, 50, 20); /* the ward's sibling */
    EXPECT(100, 101, 102);
    assert_int_equal(route_of(100), ROUTE_LINEAGE);
    assert_int_equal(route_of(101), ROUTE_PARENT_LINK);
    assert_int_equal(route_of(102), ROUTE_PARENT_LINK);
}

static void a_brand_needs_no_parent(void **unused)
{
    (void)unused;
    struct brand ours = brand_of(7);
    struct brand other = brand_of(8);
    proof.brand.brands = &ours;
    proof.brand.count = 1;
    add_machine();
    carry(add(200, 1, 1200), &ours);
    carry(add(201, 1, 1201), &other);
    add(202, 1, 1202);
    EXPECT(100, 200);
    assert_int_equal(route_of(200), ROUTE_BRAND);
}

static void any_of_several_brands_proves(void **unused)
{
    (void)unused;
    struct brand brands[] = {brand_of(7), brand_of(8), brand_of(9)};
    proof.brand.brands = brands;
    proof.brand.count = 3;
    for (int32_t i = 0; i < 3; i++)
        carry(add(200 + i, 1, 1200), &brands[i]);
    EXPECT(200, 201, 202);
}

/* A limit that could not be read is not a limit of zero. */
static void an_unread_brand_proves_nothing(void **unused)
{
    (void)unused;
    struct brand ours = brand_of(7);
    proof.brand.brands = &ours;
    proof.brand.count = 1;
    carry(add(200, 1, 1200), &ours);
    table[0].brand_known = false;
    assert_int_equal(select_all(), 0);
}

static void the_container_proves(void **unused)
{
    (void)unused;
    add(200, 1, 1200)->contained = true;
    EXPECT(200);
    assert_int_equal(route_of(200), ROUTE_CGROUP);
}

static void children_of_the_subreaper_belong(void **unused)
{
    (void)unused;
    const struct process_identity spared = {90, 900};
    proof.reaper = 90;
    proof.spared = &spared;
    proof.spared_count = 1;
    add(90, 50, 900);
    add(200, 90, 1200);
    add(201, 1, 1201);
    EXPECT(200);
    assert_int_equal(route_of(200), ROUTE_SUBREAPER);
}

static void without_a_subreaper_orphans_of_nobody_are_strangers(void **unused)
{
    (void)unused;
    add(2, 0, 1); /* kthreadd's parent is 0 */
    add(1, 0, 1);
    assert_int_equal(select_all(), 0);
}

static void who_was_known_stays_known(void **unused)
{
    (void)unused;
    const struct process_identity known[] = {{150, 1100}, {200, 1200}, {200, 5000}, {300, 1}};
    proof.known = known;
    proof.known_count = 4;
    add(200, 1, 1200);
    EXPECT(200);
    assert_int_equal(route_of(200), ROUTE_LINEAGE);
    table[0].id.start = 5000; /* the same number, known for a second time */
    EXPECT(200);
    table[0].id.start = 1201; /* the number, but not the process */
    assert_int_equal(select_all(), 0);
}

/* Two guards that started at once had picked the same step; the other has moved on since. */
static void a_siblings_ward_is_a_stranger_though_it_was_known(void **unused)
{
    (void)unused;
    struct brand outer = brand_of(7);
    struct brand ours;
    struct brand inner;
    assert_true(brand_below(outer.value, 1, &ours));
    assert_true(brand_below(ours.value, 1, &inner));
    struct brand other = ours;
    assert_true(brand_pick_again(&other, 1));
    const struct process_identity known[] = {{200, 1200}, {202, 1202}, {203, 1203}};
    proof = (struct tree_proof){
        .brand = {.brands = &ours, .count = 1}, .known = known, .known_count = 3};
    carry(add(200, 1, 1200), &other);
    carry(add(201, 200, 1201), &other);
    carry(add(202, 1, 1202), &outer); /* above both: a member that lost its step */
    carry(add(203, 1, 1203), &inner);
    EXPECT(202, 203);
    proof.brand.count = 0; /* without a brand of our own a step says nothing */
    EXPECT(200, 201, 202, 203);
}

static void a_dead_leaders_group_and_session_belong(void **unused)
{
    (void)unused;
    proof.ward = (struct process_identity){0, 0};
    proof.group_session = 100;
    add(200, 1, 1200)->group = 100;
    add(201, 1, 1201)->session = 100;
    add(202, 1, 1202);
    add(203, 201, 1203);
    EXPECT(200, 201, 203);
    assert_int_equal(route_of(201), ROUTE_LINEAGE);
}

static void the_strongest_proof_is_the_one_told(void **unused)
{
    (void)unused;
    struct brand ours = brand_of(7);
    const struct process_identity known = {200, 1200};
    proof.brand.brands = &ours;
    proof.brand.count = 1;
    proof.known = &known;
    proof.known_count = 1;
    proof.reaper = 90;
    add_machine();
    struct process_row *row = add(200, 90, 1200);
    assert_int_equal(route_of(200), ROUTE_SUBREAPER);
    carry(row, &ours);
    assert_int_equal(route_of(200), ROUTE_BRAND);
    row->contained = true;
    assert_int_equal(route_of(200), ROUTE_CGROUP);
    row->contained = row->brand_known = false;
    row->ppid = 100;
    assert_int_equal(route_of(200), ROUTE_LINEAGE);
    proof.known_count = 0;
    assert_int_equal(route_of(200), ROUTE_PARENT_LINK);
}

/* ---- innocents ---- */

/* Any user may lower a limit of his own to a brand that he has read. */
static void a_brand_that_another_user_copied_proves_nothing(void **unused)
{
    (void)unused;
    struct brand ours = brand_of(7);
    proof.brand.brands = &ours;
    proof.brand.count = 1;
    add_machine();
    struct process_row *copy = add(200, 1, 1200);
    carry(copy, &ours);
    copy->user = 1001;
    EXPECT(100);
    copy->user_known = false;
    copy->user = ours.user;
    EXPECT(100);
}

static void another_users_carrier_belongs_by_any_other_route(void **unused)
{
    (void)unused;
    struct brand ours = brand_of(7);
    proof.brand.brands = &ours;
    proof.brand.count = 1;
    add_machine();
    struct process_row *child = add(200, 100, 1200);
    carry(child, &ours);
    child->user = 1001;
    EXPECT(100, 200);
    assert_int_equal(route_of(200), ROUTE_PARENT_LINK);
    child->ppid = 1;
    EXPECT(100);
    child->contained = true;
    EXPECT(100, 200);
}

static void a_brand_of_our_user_proves_the_users_that_the_tree_has_become(void **unused)
{
    (void)unused;
    struct brand ours = brand_of(7);
    const uint32_t users[] = {0, 1001};
    proof.brand = (struct brand_proof){&ours, 1, users, 2};
    add_machine();
    struct process_row *daemon = add(200, 1, 1200);
    carry(daemon, &ours);
    daemon->user = 1001;
    EXPECT(100, 200);
    daemon->user = 1002;
    EXPECT(100);
}

/* Found on a process of that user, it may be a copy of the brand of any tree. */
static void a_brand_found_on_a_users_process_proves_that_users_alone(void **unused)
{
    (void)unused;
    struct brand found = brand_of(7);
    const uint32_t users[] = {0, 1002};
    found.user = 1001;
    proof.brand = (struct brand_proof){&found, 1, users, 2};
    for (int32_t i = 0; i < 3; i++) {
        struct process_row *row = add(200 + i, 1, 1200 + (uint64_t)i);
        carry(row, &found);
        row->user = i == 0 ? 0 : 1000 + (uint32_t)i;
    }
    EXPECT(201);
}

static void a_member_with_the_number_of_a_dead_spared_one_belongs(void **unused)
{
    (void)unused;
    struct brand ours = brand_of(7);
    const struct process_identity spared[] = {{200, 1100}, {201, 0}};
    proof.brand.brands = &ours;
    proof.brand.count = 1;
    proof.spared = spared;
    proof.spared_count = 2;
    add_machine();
    carry(add(200, 1, 1200), &ours);
    carry(add(201, 1, 1201), &ours); /* its start time was never known: rather spare it */
    EXPECT(100, 200);
    table[3].id.start = 1100;
    EXPECT(100);
    table[3].id.start = 0;
    EXPECT(100);
}

/* Taking a lower step is free to any process: it leaves the brand, not its parents. */
static void a_child_that_took_a_siblings_step_belongs_by_its_parent(void **unused)
{
    (void)unused;
    struct brand outer = brand_of(7);
    struct brand ours;
    assert_true(brand_below(outer.value, 1, &ours));
    struct brand other = ours;
    assert_true(brand_pick_again(&other, 1));
    proof.brand.brands = &ours;
    proof.brand.count = 1;
    add_machine();
    carry(add(200, 100, 1200), &other);
    EXPECT(100, 200);
}

static void a_recycled_ward_number_is_a_stranger(void **unused)
{
    (void)unused;
    add_machine();
    table[2].id.start = 2000;
    add(101, 100, 2001);
    assert_int_equal(select_all(), 0);
    proof.ward.start = 0; /* not known: the number is all there is */
    EXPECT(100, 101);
}

static void no_ward_matches_no_row(void **unused)
{
    (void)unused;
    proof.ward = (struct process_identity){0, 0};
    add(0, 0, 0);
    add_machine();
    assert_int_equal(select_all(), 0);
}

/* The seed kills these: a parent number that was given to another after the parent's death. */
static void a_child_older_than_its_parent_is_a_strangers(void **unused)
{
    (void)unused;
    add_machine();
    add(101, 100, 999);
    add(102, 101, 1500); /* and its children with it */
    EXPECT(100);
    table[3].id.start = 1000; /* born in the same tick: a child */
    EXPECT(100, 101, 102);
}

static void the_spared_and_what_hangs_on_them_stay(void **unused)
{
    (void)unused;
    struct brand ours = brand_of(7);
    const struct process_identity spared[] = {{101, 1001}, {50, 10}};
    proof.brand.brands = &ours;
    proof.brand.count = 1;
    proof.spared = spared;
    proof.spared_count = 2;
    add_machine();
    struct process_row *guard = add(101, 100, 1001);
    guard->contained = true;
    carry(guard, &ours);
    add(102, 101, 1002);
    add(103, 100, 1003);
    EXPECT(100, 103);
    carry(&table[4], &ours); /* its own proof counts all the same */
    EXPECT(100, 102, 103);
}

/* ---- shapes of a table ---- */

static void the_dead_pass_membership_on_but_do_not_fall(void **unused)
{
    (void)unused;
    add_machine();
    table[2].state = PROCESS_DEAD;
    add(101, 100, 1001)->state = PROCESS_DEAD;
    add(102, 101, 1002)->state = PROCESS_STOPPED;
    add(103, 102, 1003)->state = PROCESS_DISK;
    EXPECT(102, 103);
}

/* Numbers wrap around: a child's may be smaller. */
static void parents_come_before_children(void **unused)
{
    (void)unused;
    add(30, 40, 1003);
    add(40, 100, 1002);
    add(300, 30, 1004);
    add(20, 300, 1005);
    add(100, 50, 1000);
    EXPECT(100, 40, 30, 300, 20);
}

static void cycles_end(void **unused)
{
    (void)unused;
    add(200, 201, 5);
    add(201, 202, 5);
    add(202, 200, 5);
    add(203, 203, 5);
    add(204, 200, 5);
    assert_int_equal(select_all(), 0);
    table[1].contained = true;
    EXPECT(200, 201, 202, 204);
}

static void a_missing_parent_proves_nothing(void **unused)
{
    (void)unused;
    add_machine();
    add(200, 150, 1200);
    add(201, -1, 1200);
    add(202, 0, 1200);
    EXPECT(100);
}

/* One chain of 200,000: each link is walked once, and nothing recurses. */
static void a_deep_tree_is_walked_in_one_pass(void **unused)
{
    (void)unused;
    enum { DEPTH = 200000 };
    struct process_row *rows = calloc(DEPTH, sizeof *rows);
    struct member *found = calloc(DEPTH, sizeof *found);
    for (int32_t i = 0; i < DEPTH; i++) /* the child has the smaller number: the longest climbs */
        rows[i] = (struct process_row){.id = {i + 2, (uint64_t)(DEPTH - i)}, .ppid = i + 3};
    proof.ward = (struct process_identity){DEPTH + 1, 1};
    assert_int_equal(tree_select(rows, DEPTH, &proof, found), DEPTH);
    for (int32_t i = 0; i < DEPTH; i++)
        assert_int_equal(found[i].row.id.pid, DEPTH + 1 - i);
    proof.ward.pid = 1;
    assert_int_equal(tree_select(rows, DEPTH, &proof, found), 0);
    free(rows);
    free(found);
}

/* ---- any table, against the plainest way to say it ---- */

static uint32_t next_random(uint32_t range)
{
    static uint32_t seed = 4711;
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % range;
}

static bool is_spared(int32_t pid)
{
    for (size_t i = 0; i < proof.spared_count; i++)
        if (proof.spared[i].pid == pid)
            return true;
    return false;
}

static bool is_proven_alone(const struct process_row *row)
{
    bool ward = row->id.pid == proof.ward.pid && row->id.start == proof.ward.start;
    bool branded = row->brand_known && brand_covers(proof.brand.brands, row->brand);
    return ward || branded || row->contained || row->ppid == proof.reaper;
}

static void plain_select(bool *belongs)
{
    bool changed = true;
    for (size_t i = 0; i < row_count; i++)
        belongs[i] = is_proven_alone(&table[i]) && !is_spared(table[i].id.pid);
    while (changed) {
        changed = false;
        for (size_t i = 0; i < row_count; i++)
            for (size_t j = 0; j < row_count; j++)
                if (i != j && belongs[j] && !belongs[i] && table[i].ppid == table[j].id.pid &&
                    table[j].id.start <= table[i].id.start && !is_spared(table[i].id.pid))
                    belongs[i] = changed = true;
    }
}

static void random_table(const struct brand *ours, const struct brand *other)
{
    int32_t pids[24];
    row_count = 24;
    for (int32_t i = 0; i < 24; i++)
        pids[i] = 2 + i;
    for (size_t i = 0; i < 24; i++) {
        size_t at = i + next_random((uint32_t)(24 - i));
        int32_t pid = pids[at];
        pids[at] = pids[i];
        table[i] = (struct process_row){.id = {pid, next_random(12)},
                                        .ppid = (int32_t)next_random(28),
                                        .state = (enum process_state)next_random(5),
                                        .contained = next_random(20) == 0};
        if (next_random(3) == 0)
            carry(&table[i], next_random(6) ? other : ours);
    }
}

static void any_table_is_selected_as_said_plainly(void **unused)
{
    (void)unused;
    struct brand ours = brand_of(7);
    struct brand other = brand_of(8);
    const struct process_identity spared[] = {{3, 0}, {4, 0}};
    for (int round = 0; round < 20000; round++) {
        bool belongs[MOST];
        size_t wanted = 0;
        random_table(&ours, &other);
        proof = (struct tree_proof){.ward = {7, 6},
                                    .brand = {.brands = &ours, .count = 1},
                                    .reaper = next_random(2) ? 27 : -1,
                                    .spared = spared,
                                    .spared_count = 2};
        plain_select(belongs);
        size_t found = select_all();
        for (size_t i = 0; i < row_count; i++) {
            bool selected = false;
            for (size_t j = 0; j < found; j++)
                selected = selected || members[j].row.id.pid == table[i].id.pid;
            bool alive = belongs[i] && table[i].state != PROCESS_DEAD;
            assert_int_equal(selected, alive);
            wanted += alive;
        }
        assert_int_equal(found, wanted);
        for (size_t i = 1; i < found; i++)
            assert_true(members[i - 1].row.id.start <= members[i].row.id.start);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, fresh)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_empty_table_has_no_members),
        TEST(the_ward_and_its_descendants_belong),
        TEST(a_brand_needs_no_parent),
        TEST(any_of_several_brands_proves),
        TEST(a_brand_that_another_user_copied_proves_nothing),
        TEST(another_users_carrier_belongs_by_any_other_route),
        TEST(a_brand_of_our_user_proves_the_users_that_the_tree_has_become),
        TEST(a_brand_found_on_a_users_process_proves_that_users_alone),
        TEST(a_member_with_the_number_of_a_dead_spared_one_belongs),
        TEST(a_child_that_took_a_siblings_step_belongs_by_its_parent),
        TEST(an_unread_brand_proves_nothing),
        TEST(the_container_proves),
        TEST(children_of_the_subreaper_belong),
        TEST(without_a_subreaper_orphans_of_nobody_are_strangers),
        TEST(who_was_known_stays_known),
        TEST(a_siblings_ward_is_a_stranger_though_it_was_known),
        TEST(a_dead_leaders_group_and_session_belong),
        TEST(the_strongest_proof_is_the_one_told),
        TEST(a_recycled_ward_number_is_a_stranger),
        TEST(no_ward_matches_no_row),
        TEST(a_child_older_than_its_parent_is_a_strangers),
        TEST(the_spared_and_what_hangs_on_them_stay),
        TEST(the_dead_pass_membership_on_but_do_not_fall),
        TEST(parents_come_before_children),
        TEST(cycles_end),
        TEST(a_missing_parent_proves_nothing),
        TEST(a_deep_tree_is_walked_in_one_pass),
        TEST(any_table_is_selected_as_said_plainly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
