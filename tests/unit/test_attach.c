/* Attaching to a tree that runs already, and keeping an eye on it: who is branded, remembered and
 * wired, and who is not. */
#include "fake_guard.h"
#include "tree/arm.h"
#include "tree/attach.h"
#include "tree/lookout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct brand_pair unlimited = {BRAND_UNLIMITED, BRAND_UNLIMITED};

/* As before any guard: nobody is branded. */
static int setup(void **unused)
{
    guard_setup(unused);
    const int32_t pids[] = {FAKE_WARD, CHILD, DAEMON};
    for (size_t i = 0; i < 3; i++)
        fake_find(pids[i])->limits = unlimited;
    fake_find(DAEMON)->row.ppid = CHILD;
    guard.scope.brands.count = 0;
    return 0;
}

static bool is_branded(int32_t pid)
{
    return guard.scope.brands.count > 0 &&
           brand_covers(&guard.scope.brands.list[0], fake_find(pid)->limits);
}

static bool is_armed(enum route route)
{
    return guard.scope.guarantee.routes[route].armed;
}

static void expect_reason(enum route route, const char *part)
{
    assert_false(is_armed(route));
    assert_non_null(strstr(guard.scope.guarantee.routes[route].why_not, part));
}

static void fall_of_all(void)
{
    fake_end(FAKE_WARD);
    guard_run(60000);
    expect_fall(TRIGGER_WARD_DEAD, 0);
}

/* ---- who is branded ---- */

static void all_descendants_and_no_other_are_branded(void **unused)
{
    (void)unused;
    attach_tree(&guard.scope, 0);
    assert_true(is_armed(ROUTE_BRAND));
    assert_true(is_branded(FAKE_WARD) && is_branded(CHILD) && is_branded(DAEMON));
    fake_find(DAEMON)->row.ppid = 1; /* its parent may die now */
    fall_of_all();
}

static void what_is_born_later_inherits(void **unused)
{
    (void)unused;
    attach_tree(&guard.scope, 0);
    fake_fork(110, DAEMON);
    fake_fork(111, 110);
    fake_end(110);
    fake_end(DAEMON);
    fall_of_all();
}

/* No route sees it: it is neither struck nor claimed. */
static void what_was_orphaned_before_is_left_alone(void **unused)
{
    (void)unused;
    struct fake_process *before = fake_fork(110, CHILD);
    before->row.ppid = 1;
    before->row.group = before->row.session = 110;
    attach_tree(&guard.scope, 0);
    assert_false(is_branded(110));
    fake_end(FAKE_WARD);
    guard_run(1000);
    assert_true(guard.complete);
    assert_int_equal(fake_ours_alive(), 1);
}

static int born;

/* Each pass meets a daemon that was born and orphaned behind it. */
static void fork_behind_the_pass(enum fake_moment moment, int32_t pid)
{
    (void)pid;
    if (moment != AFTER_SCAN || born == 0 || fake_find(CHILD)->limits.hard != BRAND_UNLIMITED)
        return;
    struct fake_process *daemon = fake_fork(110 + born, CHILD);
    daemon->row.ppid = 1;
    fake_tell(OS_EVENT_FORK, 110 + born--, CHILD);
}

static void the_kernels_events_show_newborn_daemons(void **unused)
{
    (void)unused;
    born = 1;
    fake.race = fork_behind_the_pass;
    attach_tree(&guard.scope, 0);
    fake.race = NULL;
    assert_int_equal(born, 0);
    assert_true(is_branded(111));
    fall_of_all();
}

static void recycle_111(enum fake_moment moment, int32_t pid)
{
    (void)pid;
    if (moment == BEFORE_EVENTS && fake_find(111) && fake_find(111)->ours)
        fake_recycle(111);
    fork_behind_the_pass(moment, pid);
}

/* Before we read of its birth it was dead, and an innocent had its number. */
static void an_event_of_a_recycled_number_adopts_nobody(void **unused)
{
    (void)unused;
    born = 1;
    fake.race = recycle_111;
    attach_tree(&guard.scope, 0);
    fake.race = NULL;
    assert_true(fake_alive(111));
    fall_of_all();
    assert_true(fake_alive(111));
}

static void fork_by_an_innocent(enum fake_moment moment, int32_t pid)
{
    (void)pid;
    if (moment != BEFORE_EVENTS || fake_find(111))
        return;
    fake_add(111, 62);
    fake_tell(OS_EVENT_FORK, 111, 62);
    fake_end(62);
    fake_find(111)->row.ppid = 1;
}

static void recycle_parent(enum fake_moment moment, int32_t pid)
{
    fork_by_an_innocent(moment, pid);
    if (moment == BEFORE_EVENTS && !fake_find(62))
        fake_fork(62, CHILD); /* a member's, by now */
}

/* The innocent that forked is dead, and a member has its number. */
static void nor_does_that_of_a_recycled_parent(void **unused)
{
    (void)unused;
    fake.race = recycle_parent;
    attach_tree(&guard.scope, 0);
    fake.race = NULL;
    fall_of_all();
    assert_true(fake_alive(111));
}

/* ---- brands that are there already ---- */

static void below_an_outer_guard_the_brand_goes_deeper(void **unused)
{
    (void)unused;
    struct brand outer;
    brand_below(unlimited, 99, &outer);
    const int32_t pids[] = {FAKE_WARD, CHILD, DAEMON, 60, FAKE_SELF, FAKE_SHELL};
    for (size_t i = 0; i < 6; i++)
        fake_find(pids[i])->limits = outer.value;
    fake.own_limits = outer.value;
    attach_tree(&guard.scope, 0);
    assert_int_equal(guard.scope.brands.list[0].level, 2);
    assert_true(is_branded(FAKE_WARD) && is_branded(CHILD) && is_branded(DAEMON));
    assert_true(brand_covers(&outer, fake_find(CHILD)->limits));
    fall_of_all();
}

/* Rewriting an inner guard's step would blind it: its brand is remembered as ours instead. */
static void a_guard_inside_keeps_its_brand_and_falls_with_us(void **unused)
{
    (void)unused;
    struct brand inner;
    brand_below(unlimited, 77, &inner);
    fake_find(CHILD)->limits = fake_find(DAEMON)->limits = inner.value;
    attach_tree(&guard.scope, 0);
    assert_true(brand_covers(&inner, fake_find(CHILD)->limits));
    assert_int_equal(guard.scope.brands.count, 2);
    fake_end(CHILD);
    assert_int_equal(fake_find(DAEMON)->row.ppid, 1);
    guard.scope.lineage.known.count = 0; /* by the brand alone */
    fall_of_all();
}

static void a_ward_with_a_limit_of_its_own_is_guarded_by_links(void **unused)
{
    (void)unused;
    fake_find(FAKE_WARD)->limits = (struct brand_pair){64, 64};
    attach_tree(&guard.scope, 0);
    expect_reason(ROUTE_BRAND, "limit of file locks of its own");
    assert_int_equal(fake_find(FAKE_WARD)->limits.hard, 64);
    lookout_refresh(&guard.scope);
    fake_end(CHILD);
    fall_of_all();
}

static void a_member_that_cannot_be_branded_is_known_by_its_links(void **unused)
{
    (void)unused;
    fake_find(CHILD)->limits = (struct brand_pair){8, 8};
    attach_tree(&guard.scope, 0);
    assert_true(is_branded(DAEMON));
    assert_int_equal(fake_find(CHILD)->limits.hard, 8);
    fall_of_all();
}

/* Of two guards that take the same step, the later one sees the other and goes on. */
static void a_clash_is_resolved(void **unused)
{
    (void)unused;
    struct brand outer;
    brand_below(unlimited, 99, &outer);
    const int32_t pids[] = {FAKE_WARD, CHILD, DAEMON};
    for (size_t i = 0; i < 3; i++)
        fake_find(pids[i])->limits = outer.value;
    fake_find(62)->limits = outer.value; /* the outer guard's own */
    attach_tree(&guard.scope, 0);
    struct brand_pair taken = guard.scope.brands.list[0].value;
    fake_find(60)->limits = taken; /* a neighbour's member */
    arm_brand_settle(&guard.scope);
    assert_false(brand_covers(&guard.scope.brands.list[0], taken));
    assert_true(is_branded(FAKE_WARD));
    assert_true(is_armed(ROUTE_BRAND));
}

/* As the next `watch` of the same ward does. */
static unsigned attach_anew(void)
{
    guard.scope.brands.count = 0;
    guard.scope.brands.list[0] = (struct brand){0};
    attach_tree(&guard.scope, 0);
    return guard.scope.brands.list[0].level;
}

static void a_ward_s_own_brand_serves_every_guard(void **unused)
{
    (void)unused;
    attach_tree(&guard.scope, 0);
    fake_find(61)->limits = fake_find(FAKE_WARD)->limits; /* a copy of another user's */
    fake_find(61)->row.user = 1001;
    for (int guards = 0; guards < 10; guards++) {
        assert_int_equal(attach_anew(), 1);
        assert_true(is_armed(ROUTE_BRAND) && is_branded(DAEMON));
    }
    fall_of_all();
}

/* An orphan from before may as well be a member of an outer tree, which is not ours. */
static void a_brand_that_is_carried_elsewhere_takes_another_step(void **unused)
{
    (void)unused;
    attach_tree(&guard.scope, 0);
    for (unsigned level = 2; level <= BRAND_LEVELS; level++) {
        fake_find(62)->limits = fake_find(FAKE_WARD)->limits;
        assert_int_equal(attach_anew(), level);
    }
    assert_int_equal(attach_anew(), BRAND_LEVELS); /* the last step is the ward's own */
    fake_find(62)->limits = fake_find(FAKE_WARD)->limits;
    attach_anew();
    expect_reason(ROUTE_BRAND, "eight guards");
    fake_find(62)->limits = unlimited;
    attach_anew();
    fall_of_all();
}

static void a_step_that_another_user_copied_is_free(void **unused)
{
    (void)unused;
    struct brand outer;
    brand_below(unlimited, 99, &outer);
    const int32_t pids[] = {FAKE_WARD, CHILD, DAEMON};
    for (size_t i = 0; i < 3; i++)
        fake_find(pids[i])->limits = outer.value;
    attach_tree(&guard.scope, 0);
    fake_find(CHILD)->limits = fake_find(DAEMON)->limits = outer.value;
    fake_find(60)->limits = guard.scope.brands.list[0].value;
    fake_find(60)->row.user = 1001;
    assert_false(arm_brand_settle(&guard.scope));
    assert_true(is_armed(ROUTE_BRAND));
    fall_of_all();
}

/* Root watches a user's process, whose child carries a copy of the brand of root's own tree. */
static void a_guards_brand_inside_may_be_a_copy_and_proves_its_user_alone(void **unused)
{
    (void)unused;
    struct brand copied;
    brand_below(unlimited, 77, &copied);
    const int32_t pids[] = {FAKE_WARD, CHILD, DAEMON};
    for (size_t i = 0; i < 3; i++)
        fake_find(pids[i])->row.user = 1001;
    fake_find(CHILD)->limits = fake_find(DAEMON)->limits = copied.value;
    fake_find(62)->limits = copied.value;
    attach_tree(&guard.scope, 0);
    assert_int_equal(guard.scope.brands.count, 2);
    fake_find(DAEMON)->row.ppid = 1;
    guard.scope.lineage.known.count = 0; /* by the brand alone */
    fall_of_all();
}

static void recycle_child(enum fake_moment moment, int32_t pid)
{
    if (moment == BEFORE_BRAND && pid == CHILD)
        fake_recycle(pid);
}

static void a_stranger_that_gets_a_members_number_is_not_branded(void **unused)
{
    (void)unused;
    fake.race = recycle_child;
    attach_tree(&guard.scope, 0);
    fake.race = NULL;
    assert_true(brand_same(fake_find(CHILD)->limits, unlimited));
    fake_end(FAKE_WARD);
    fake_end(DAEMON);
    guard_run(60000);
}

static void what_is_switched_off_says_so(void **unused)
{
    (void)unused;
    attach_tree(&guard.scope, 1u << ROUTE_BRAND);
    expect_reason(ROUTE_BRAND, "--without");
    assert_true(brand_same(fake_find(FAKE_WARD)->limits, unlimited));
}

/* ---- the wire ---- */

static void step_session_gone(int64_t pid)
{
    fake_tell(OS_EVENT_SESSION, (int32_t)pid, 0);
}

static void wire(void)
{
    arm_wire(&guard.scope, 0);
    lookout_refresh(&guard.scope);
}

static void every_member_is_wired(void **unused)
{
    (void)unused;
    attach_tree(&guard.scope, 0);
    fake_find(DAEMON)->row.ppid = 1;
    wire();
    assert_true(fake_is_wired(FAKE_WARD) && fake_is_wired(CHILD) && fake_is_wired(DAEMON));
}

/* `ward | tee log &`, then a guard for the ward: the group holds an innocent. */
static void a_pipelines_group_is_not_wired(void **unused)
{
    (void)unused;
    fake_find(60)->row.group = FAKE_WARD;
    attach_tree(&guard.scope, 0);
    wire();
    assert_true(fake_is_wired(FAKE_WARD) && fake_is_wired(CHILD));
    assert_false(fake_is_wired(60));
}

/* The ward forked a helper before it made its own session: the helper's is the shell's. */
static void a_helper_in_the_callers_group_is_wired_alone(void **unused)
{
    (void)unused;
    struct fake_process *ward = fake_find(FAKE_WARD);
    ward->row.group = ward->row.session = FAKE_WARD;
    guard.scope.session = FAKE_WARD;
    fake_find(CHILD)->row.group = 60;
    attach_tree(&guard.scope, 0);
    wire();
    assert_true(fake_is_wired(CHILD));
    assert_false(fake_is_wired(60));
}

/* Only a leader's descendants are in its session: the group is armed, for those to come as well. */
static void a_group_in_a_members_session_is_wired_whole(void **unused)
{
    (void)unused;
    fake_find(DAEMON)->row.group = fake_find(DAEMON)->row.session = DAEMON;
    attach_tree(&guard.scope, 0);
    wire();
    fake_fork(110, DAEMON);
    assert_true(fake_is_wired(110));
    fake_fork(111, CHILD);
    assert_false(fake_is_wired(111));
}

/* In `run` the ward's group is made for it, and holds no other. */
static void a_group_that_we_made_is_wired_whole(void **unused)
{
    (void)unused;
    attach_tree(&guard.scope, 0);
    guard.scope.attached = false;
    guard.scope.ward_leads = true;
    wire();
    fake_fork(110, CHILD);
    assert_true(fake_is_wired(110)); /* before anyone looked */
}

static void a_session_of_a_members_own_is_wired_when_told(void **unused)
{
    (void)unused;
    attach_tree(&guard.scope, 0);
    wire();
    struct fake_process *escapee = fake_fork(110, CHILD);
    escapee->row.group = escapee->row.session = 110;
    escapee->row.ppid = 1;
    assert_false(fake_is_wired(110));
    assert_true(lookout_session(&guard.scope, 110));
    assert_true(fake_is_wired(110));
    assert_true(lookout_session(&guard.scope, 62)); /* an innocent's, and nobody's */
    assert_false(lookout_session(&guard.scope, 999));
}

/* setsid, fork, _exit: when the event is read, its maker is no more. */
static void a_daemons_group_is_wired_before_the_first_look_in_turn(void **unused)
{
    (void)unused;
    attach_tree(&guard.scope, 0);
    wire();
    arm_events(&guard.scope, 0, &guard.sentinel.upkeep.events);
    struct fake_process *maker = fake_fork(110, CHILD);
    maker->row.group = maker->row.session = 110;
    fake_fork(111, 110);
    fake_tell(OS_EVENT_SESSION, 110, 0);
    fake_end(110);
    maker->reaped = true;
    guard_run(5);
    assert_true(fake_is_wired(111));
    os_handle_close(&guard.sentinel.upkeep.events);
}

/* The daemons of a busy machine do not make the sentinel spin. */
static void looks_out_of_turn_are_few(void **unused)
{
    (void)unused;
    attach_tree(&guard.scope, 0);
    arm_events(&guard.scope, 0, &guard.sentinel.upkeep.events);
    size_t before = fake.scans;
    for (int64_t at_ms = 0; at_ms < 10; at_ms++)
        fake_after(at_ms, step_session_gone, 999);
    guard_run(9);
    assert_int_equal(fake.scans - before, 8);
    os_handle_close(&guard.sentinel.upkeep.events);
}

static void the_kept_and_the_ended_are_not_wired(void **unused)
{
    (void)unused;
    static const char *const keep[] = {"p102"};
    guard.scope.keep.patterns = keep;
    guard.scope.keep.count = 1;
    attach_tree(&guard.scope, 0);
    fake_find(DAEMON)->row.ppid = 1;
    fake_find(CHILD)->row.group = CHILD;
    fake_fork(110, DAEMON);
    wire();
    assert_false(fake_is_wired(DAEMON) || fake_is_wired(110));
    assert_true(fake_is_wired(CHILD));
    fake_end(CHILD);
    lookout_refresh(&guard.scope);
    fake_recycle(CHILD);
    assert_false(fake_is_wired(CHILD));
}

static void without_a_wire_the_lineage_is_kept_all_the_same(void **unused)
{
    (void)unused;
    attach_tree(&guard.scope, 0);
    guard.scope.lineage.known.count = 0;
    lookout_refresh(&guard.scope);
    assert_int_equal(guard.scope.lineage.known.count, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, guard_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_descendants_and_no_other_are_branded),
        TEST(what_is_born_later_inherits),
        TEST(what_was_orphaned_before_is_left_alone),
        TEST(the_kernels_events_show_newborn_daemons),
        TEST(an_event_of_a_recycled_number_adopts_nobody),
        TEST(nor_does_that_of_a_recycled_parent),
        TEST(below_an_outer_guard_the_brand_goes_deeper),
        TEST(a_guard_inside_keeps_its_brand_and_falls_with_us),
        TEST(a_ward_with_a_limit_of_its_own_is_guarded_by_links),
        TEST(a_member_that_cannot_be_branded_is_known_by_its_links),
        TEST(a_clash_is_resolved),
        TEST(a_ward_s_own_brand_serves_every_guard),
        TEST(a_brand_that_is_carried_elsewhere_takes_another_step),
        TEST(a_step_that_another_user_copied_is_free),
        TEST(a_guards_brand_inside_may_be_a_copy_and_proves_its_user_alone),
        TEST(a_stranger_that_gets_a_members_number_is_not_branded),
        TEST(what_is_switched_off_says_so),
        TEST(every_member_is_wired),
        TEST(a_pipelines_group_is_not_wired),
        TEST(a_helper_in_the_callers_group_is_wired_alone),
        TEST(a_group_in_a_members_session_is_wired_whole),
        TEST(a_group_that_we_made_is_wired_whole),
        TEST(a_session_of_a_members_own_is_wired_when_told),
        TEST(a_daemons_group_is_wired_before_the_first_look_in_turn),
        TEST(looks_out_of_turn_are_few),
        TEST(the_kept_and_the_ended_are_not_wired),
        TEST(without_a_wire_the_lineage_is_kept_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
