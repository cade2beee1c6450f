/* The fall: all of the tree, nothing else, whatever happens between the look and the blow. */
#include "fake_guard.h"
#include "tree/arm.h"
#include "tree/ask.h"
#include "tree/find.h"
#include "tree/keep.h"
#include "tree/kill.h"
#include "tree/lookout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct ledger *ledger = &guard.sentinel.ledger;
static struct reaper reaper;

static int setup(void **unused)
{
    guard_setup(unused);
    ledger_init(ledger, true);
    reaper = (struct reaper){.ward = FAKE_WARD};
    return 0;
}

static const struct report_line *line_of(int32_t pid)
{
    for (size_t i = 0; i < ledger->count; i++)
        if (ledger->lines[i].row.id.pid == pid)
            return &ledger->lines[i];
    fail_msg("%d is not in the report", pid);
    return NULL;
}

static void expect_line(int32_t pid, enum route route, enum report_outcome outcome)
{
    const struct report_line *line = line_of(pid);
    assert_int_equal(line->route, route);
    assert_int_equal(line->outcome, outcome);
}

static bool fell(void)
{
    return kill_as_stranger(&guard.scope, ledger);
}

/* As the tree's subreaper and the ward's parent. */
static bool fell_as_parent(void)
{
    return kill_as_parent(&guard.scope, &reaper, fake_signals(), ledger);
}

static void become_parent(void)
{
    fake_find(FAKE_WARD)->row.ppid = FAKE_SELF;
    fake_find(DAEMON)->row.ppid = FAKE_SELF;
    os_subreaper_become();
    guard.scope.reaper = FAKE_SELF;
}

static void without_brands(void)
{
    const int32_t pids[] = {FAKE_WARD, CHILD, DAEMON};
    for (size_t i = 0; i < 3; i++)
        fake_find(pids[i])->limits = (struct brand_pair){BRAND_UNLIMITED, BRAND_UNLIMITED};
    guard.scope.brands.count = 0;
}

/* ---- all of it ---- */

static void all_fall_and_each_is_reported_once(void **unused)
{
    (void)unused;
    assert_true(fell());
    assert_int_equal(fake_ours_alive(), 0);
    assert_int_equal(ledger->count, 3);
    expect_line(FAKE_WARD, ROUTE_BRAND, OUTCOME_FELL);
    expect_line(CHILD, ROUTE_BRAND, OUTCOME_FELL);
    expect_line(DAEMON, ROUTE_BRAND, OUTCOME_FELL);
    assert_int_equal(line_of(CHILD)->signal, FAKE_KILL);
}

static void by_the_parent_too(void **unused)
{
    (void)unused;
    become_parent();
    assert_true(fell_as_parent());
    assert_int_equal(fake_ours_alive(), 0);
    assert_int_equal(ledger->count, 3);
}

/* No brand, the ward dead, the daemon's own parent dead as well: it was once seen to belong. */
static void a_leaf_without_any_parent_falls_by_lineage(void **unused)
{
    (void)unused;
    without_brands();
    fake_find(DAEMON)->row.ppid = CHILD;
    lookout_refresh(&guard.scope);
    fake_end(CHILD);
    fake_end(FAKE_WARD);
    assert_int_equal(fake_find(DAEMON)->row.ppid, 1);
    assert_true(fell());
    assert_false(fake_alive(DAEMON));
    expect_line(DAEMON, ROUTE_LINEAGE, OUTCOME_FELL);
}

static void an_orphan_that_nothing_links_is_left_alone(void **unused)
{
    (void)unused;
    without_brands();
    assert_true(fell());
    assert_true(fake_alive(DAEMON));
    assert_int_equal(fake_ours_alive(), 1);
}

/* su through PAM gave it new limits: the subreaper has it all the same. */
static void a_child_that_shed_its_brand_falls(void **unused)
{
    (void)unused;
    become_parent();
    fake_find(DAEMON)->limits = (struct brand_pair){BRAND_UNLIMITED, BRAND_UNLIMITED};
    assert_true(fell_as_parent());
    expect_line(DAEMON, ROUTE_SUBREAPER, OUTCOME_FELL);
}

static void one_that_shed_its_brand_after_it_was_seen_falls_by_lineage(void **unused)
{
    (void)unused;
    guard.scope.brands.may_be_shed = true;
    lookout_refresh(&guard.scope);
    fake_find(DAEMON)->limits = (struct brand_pair){64, 64};
    assert_true(fell());
    expect_line(DAEMON, ROUTE_LINEAGE, OUTCOME_FELL);
}

static void the_container_takes_what_nothing_else_proves(void **unused)
{
    (void)unused;
    os_container_make(&guard.scope.container);
    struct fake_process *stray = fake_add(150, 1);
    stray->ours = stray->row.contained = true;
    become_parent();
    fake_find(150)->row.ppid = FAKE_SELF;
    assert_true(fell_as_parent());
    assert_int_equal(fake_ours_alive(), 0);
    expect_line(150, ROUTE_CGROUP, OUTCOME_FELL);
    os_container_remove(&guard.scope.container);
}

/* ---- what could not be looked at ---- */

static void expect_unseen(const char *part)
{
    assert_int_equal(ledger->unseen_count, 1);
    assert_non_null(strstr(ledger->unseen[0], part));
}

static void lost_fork_events_are_said(void **unused)
{
    (void)unused;
    without_brands();
    arm_events(&guard.scope, 0, &guard.scope.lineage.births);
    fake.events_lost = true;
    assert_false(fell());
    expect_unseen("fork events were lost");
    os_handle_close(&guard.scope.lineage.births);
}

static void a_table_that_cannot_be_read_is_said(void **unused)
{
    (void)unused;
    fake.scan_error = error_make(ERROR_SYSTEM, 24, "list /proc", NULL);
    assert_false(fell());
    assert_int_equal(fake_ours_alive(), 0);
    expect_unseen("process table");
}

/* nsenter took it into a pid namespace from which we see nothing: the container has it. */
static struct fake_process *add_elsewhere(void)
{
    os_container_make(&guard.scope.container);
    struct fake_process *member = fake_add(150, 1);
    member->ours = member->elsewhere = member->row.contained = true;
    return member;
}

static void a_member_elsewhere_falls_with_the_container(void **unused)
{
    (void)unused;
    add_elsewhere();
    assert_true(fell());
    assert_int_equal(fake_ours_alive(), 0);
    os_container_remove(&guard.scope.container);
}

static void a_member_elsewhere_that_does_not_end_is_said(void **unused)
{
    (void)unused;
    add_elsewhere()->stubborn = true;
    assert_false(fell());
    expect_unseen("member of the cgroup");
    os_container_remove(&guard.scope.container);
}

static void the_parent_looks_into_the_container_too(void **unused)
{
    (void)unused;
    add_elsewhere();
    become_parent();
    fake_end(FAKE_WARD);
    assert_true(fell_as_parent());
    assert_int_equal(fake_ours_alive(), 0);
    assert_true(ledger->dropped > 0);
    os_container_remove(&guard.scope.container);
}

static void the_parent_says_what_is_left_in_the_container(void **unused)
{
    (void)unused;
    add_elsewhere()->stubborn = true;
    become_parent();
    assert_false(fell_as_parent());
    expect_unseen("member of the cgroup");
    os_container_remove(&guard.scope.container);
}

/* An orphan in another pid namespace is a child of that one's init. */
static void a_branded_one_that_is_no_child_falls(void **unused)
{
    (void)unused;
    become_parent();
    fake_find(DAEMON)->row.ppid = 1;
    fake_end(CHILD);
    fake_end(FAKE_WARD);
    assert_true(fell_as_parent());
    assert_int_equal(fake_ours_alive(), 0);
    expect_line(DAEMON, ROUTE_BRAND, OUTCOME_FELL);
}

static void a_dry_run_says_it_too(void **unused)
{
    (void)unused;
    fake.scan_error = error_make(ERROR_SYSTEM, 24, "list /proc", NULL);
    assert_int_equal(find_members(&guard.scope, ledger), 3);
    expect_unseen("process table");
}

/* ---- forks during the fall ---- */

static int forks_left;

static void fork_before_strike(enum fake_moment moment, int32_t pid)
{
    if (moment == BEFORE_STRIKE && forks_left > 0 && fake_alive(pid) && fake_find(pid)->ours)
        fake_fork(150 + forks_left--, pid);
}

static void what_is_born_during_the_fall_falls(void **unused)
{
    (void)unused;
    forks_left = 100;
    fake.race = fork_before_strike;
    assert_true(fell());
    assert_int_equal(forks_left, 0);
    assert_int_equal(fake_ours_alive(), 0);
    assert_int_equal(ledger->count, 103);
}

static void by_the_parent_as_well(void **unused)
{
    (void)unused;
    become_parent();
    forks_left = 100;
    fake.race = fork_before_strike;
    assert_true(fell_as_parent());
    assert_int_equal(forks_left, 0);
    assert_int_equal(fake_ours_alive(), 0);
}

/* ---- numbers that are given to another ---- */

static enum fake_moment recycle_moment;
static bool recycled;

static int32_t hopper;

static void hop_after_scan(enum fake_moment moment, int32_t unused)
{
    (void)unused;
    if (moment != AFTER_SCAN || !fake_alive(hopper))
        return;
    fake_fork(hopper + 1, hopper);
    fake_end(hopper++);
}

/* Each listing comes to its number when it has another one. */
static void hop_between_listings(enum fake_moment moment, int32_t unused)
{
    (void)unused;
    if (!fake_alive(hopper))
        return;
    if (moment == BEFORE_SCAN)
        fake_find(hopper)->elsewhere = true;
    if (moment != AFTER_SCAN)
        return;
    fake_fork(hopper + 1, hopper)->elsewhere = false;
    fake_end(hopper++);
    fake.newest = hopper;
}

static void one_that_no_listing_shows_falls_by_its_number(void **unused)
{
    (void)unused;
    hopper = fake.newest = 150;
    fake_fork(hopper, DAEMON);
    fake.race = hop_between_listings;
    assert_true(fell());
    assert_int_equal(fake_ours_alive(), 0);
}

static void one_that_goes_on_in_a_child_of_its_own_at_every_look_falls(void **unused)
{
    (void)unused;
    hopper = 150;
    fake_fork(hopper, DAEMON);
    fake.race = hop_after_scan;
    assert_true(fell());
    assert_int_equal(fake_ours_alive(), 0);
}

static void recycle_at(enum fake_moment moment)
{
    recycle_moment = moment;
    recycled = false;
}

/* The number of a child of ours is held until we reap it. */
static void recycle_child(enum fake_moment moment, int32_t pid)
{
    const struct fake_process *child = fake_find(CHILD);
    if (moment == recycle_moment && (pid == 0 || pid == CHILD) && child && child->ours &&
        child->row.ppid != fake.self) {
        fake_recycle(CHILD);
        recycled = true;
    }
}

static const enum fake_moment moments[] = {BEFORE_SCAN, AFTER_SCAN, BEFORE_ROW, BEFORE_OPEN,
                                           BEFORE_STRIKE};

static void expect_recycled_lives(void)
{
    if (recycled)
        assert_true(fake_alive(CHILD)); /* who has the number now; fake_check sees to the rest */
    assert_int_equal(fake_ours_alive(), 0);
    for (size_t i = 0; i < ledger->count; i++)
        assert_int_not_equal(ledger->lines[i].outcome, OUTCOME_SURVIVED);
}

static void a_number_given_to_another_is_not_struck(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++)
        for (int branded = 0; branded < 2; branded++) {
            setup(NULL);
            if (!branded)
                without_brands();
            fake_find(DAEMON)->row.ppid = CHILD;
            lookout_refresh(&guard.scope);
            recycle_at(moments[i]);
            fake.race = recycle_child;
            assert_true(fell());
            expect_recycled_lives();
            guard_teardown(NULL);
        }
}

static void nor_by_the_parent(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++)
        for (int wanted = 0; wanted < 2; wanted++) {
            setup(NULL);
            become_parent();
            ledger_init(ledger, wanted);
            recycle_at(moments[i]);
            fake.race = recycle_child;
            assert_true(fell_as_parent());
            expect_recycled_lives();
            guard_teardown(NULL);
        }
}

/* Between the reading of its brand and that of its row: the innocent must not enter the lineage. */
static void nor_remembered(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++)
        for (int told = 0; told < 2; told++) {
            setup(NULL);
            recycle_at(moments[i]);
            fake.race = recycle_child;
            if (told)
                lookout_session(&guard.scope, CHILD);
            else
                lookout_refresh(&guard.scope);
            fake.race = NULL;
            assert_true(fell());
            expect_recycled_lives();
            guard_teardown(NULL);
        }
}

/* ---- what resists ---- */

static void a_process_in_disk_sleep_is_reported_after_the_budget(void **unused)
{
    (void)unused;
    fake_find(CHILD)->stubborn = true;
    fake_find(CHILD)->row.state = PROCESS_DISK;
    assert_false(fell());
    assert_in_range(fake_passed_ms(), KILL_BUDGET_MS, KILL_BUDGET_MS + 100);
    expect_line(CHILD, ROUTE_BRAND, OUTCOME_SURVIVED);
    assert_non_null(strstr(line_of(CHILD)->reason, "D state"));
    expect_line(DAEMON, ROUTE_BRAND, OUTCOME_FELL);
}

static void another_users_process_is_reported_at_once(void **unused)
{
    (void)unused;
    fake_find(CHILD)->foreign = true;
    assert_false(fell());
    assert_in_range(fake_passed_ms(), 0, 1000);
    expect_line(CHILD, ROUTE_BRAND, OUTCOME_SURVIVED);
    assert_non_null(strstr(line_of(CHILD)->reason, "another user"));
    assert_int_equal(fake_ours_alive(), 1);
}

static void a_slow_death_is_waited_for_not_struck_on_and_on(void **unused)
{
    (void)unused;
    fake_find(DAEMON)->lasts_ms = 500;
    assert_true(fell());
    assert_in_range(fake_passed_ms(), 500, 600);
    assert_in_range(fake.strikes, 3, 3 + 500 / 20 + 1);
}

/* A zombie still answers signals: striking it again would never end. */
static void zombies_are_dead(void **unused)
{
    (void)unused;
    fake_fork(110, CHILD);
    fake_end(110);
    fake_find(CHILD)->foreign = true; /* so its zombie stays */
    fell();
    assert_int_equal(fake.strikes, 2);
}

static void what_cannot_be_seen_is_not_called_complete(void **unused)
{
    (void)unused;
    fake.scan_error = error_make(ERROR_SYSTEM, 5, "list /proc", NULL);
    assert_false(fell());
    assert_in_range(fake_passed_ms(), 0, 100);
}

static void without_memory_it_is_not_complete_either(void **unused)
{
    (void)unused;
    fake.no_memory = true;
    assert_false(fell());
    fake.no_memory = false;
}

/* ---- whom it spares ---- */

static void keep(const char *pattern)
{
    static const char *patterns[2] = {"other*"};
    patterns[1] = pattern;
    keep_begin(&guard.scope, patterns, 2);
}

static void the_kept_live_and_so_does_what_they_started(void **unused)
{
    (void)unused;
    keep("p1[0]1");
    fake_fork(110, CHILD);
    fake_fork(109, 110);
    assert_true(fell());
    assert_true(fake_alive(CHILD) && fake_alive(110) && fake_alive(109));
    assert_int_equal(fake_ours_alive(), 3);
    expect_line(CHILD, ROUTE_BRAND, OUTCOME_KEPT);
    expect_line(109, ROUTE_BRAND, OUTCOME_KEPT);
    assert_int_equal(line_of(109)->row.kept_by, CHILD);
    assert_in_range(fake_passed_ms(), 0, 100);
}

static void the_parent_keeps_them_too(void **unused)
{
    (void)unused;
    keep("p102");
    fake_fork(110, DAEMON);
    become_parent();
    assert_true(fell_as_parent());
    assert_true(fake_alive(DAEMON) && fake_alive(110));
    expect_line(DAEMON, ROUTE_BRAND, OUTCOME_KEPT);
    assert_int_equal(fake_ours_alive(), 2);
    assert_in_range(fake_passed_ms(), 0, 100);
}

static void a_command_line_names_a_kept_one_too(void **unused)
{
    (void)unused;
    keep("*server.jar*");
    fake_find(CHILD)->command = "java -jar /srv/server.jar --port 1";
    fake_find(DAEMON)->command = "java -jar /srv/worker.jar";
    assert_true(fell());
    assert_true(fake_alive(CHILD));
    assert_int_equal(fake_ours_alive(), 1);
}

static void what_a_kept_one_started_is_kept_when_that_is_gone(void **unused)
{
    (void)unused;
    keep("p101");
    fake_fork(110, CHILD);
    assert_false(find_none(&guard.scope));
    fake_end(CHILD);
    fake_find(110)->row.ppid = 1;
    assert_true(fell());
    assert_true(fake_alive(110));
    assert_int_equal(line_of(110)->row.kept_by, CHILD);
}

static void an_orphan_in_a_session_that_a_kept_one_leads_is_kept(void **unused)
{
    (void)unused;
    keep("p101");
    fake_find(CHILD)->row.session = CHILD;
    fake_fork(110, CHILD)->row.ppid = 1;
    assert_true(fell());
    assert_true(fake_alive(110));
}

static void one_whose_command_line_cannot_be_read_is_left_and_told_about(void **unused)
{
    (void)unused;
    keep("*server.jar*");
    fake_find(CHILD)->command = NULL;
    fake_fork(110, CHILD);
    assert_false(fell());
    assert_true(fake_alive(CHILD) && fake_alive(110));
    expect_line(CHILD, ROUTE_BRAND, OUTCOME_SURVIVED);
    expect_line(110, ROUTE_BRAND, OUTCOME_SURVIVED);
    assert_string_equal(line_of(CHILD)->reason, KEEP_UNTOLD);
}

/* Below an outer guard we and our ancestors carry the same tag; an inner fall is not ours to die
 * of. */
static void guards_and_ancestors_are_never_members(void **unused)
{
    (void)unused;
    const int32_t spared[] = {FAKE_SELF, FAKE_SHELL};
    for (size_t i = 0; i < 2; i++)
        fake_find(spared[i])->limits = fake_find(FAKE_WARD)->limits;
    assert_true(fell());
    assert_true(fake_alive(FAKE_SHELL) && fake_alive(FAKE_SELF));
}

static void nor_by_the_parent_of_the_tree(void **unused)
{
    (void)unused;
    fake_find(FAKE_SELF)->limits = fake_find(FAKE_SHELL)->limits = fake_find(FAKE_WARD)->limits;
    fake_add(WRAPPER, FAKE_SELF)->limits = fake_find(FAKE_WARD)->limits; /* our partner */
    protected_add(&guard.scope.protected, WRAPPER);
    become_parent();
    guard.scope.guard_adopted = true;
    assert_true(fell_as_parent());
    assert_true(fake_alive(WRAPPER));
}

static void the_wards_group_and_session_hold_innocents(void **unused)
{
    (void)unused;
    for (int32_t pid = 60; pid <= 62; pid++) {
        fake_find(pid)->row.group = FAKE_WARD;
        fake_find(pid)->row.session = FAKE_SHELL;
    }
    assert_true(fell());
}

static void forge(int32_t pid)
{
    fake_find(pid)->limits = fake_find(FAKE_WARD)->limits;
    fake_find(pid)->row.user = 1001;
}

static void another_users_copy_of_the_brand_is_neither_struck_nor_counted(void **unused)
{
    (void)unused;
    forge(62);
    assert_true(fell());
    assert_true(fake_alive(62));
    assert_int_equal(ledger->count, 3);
}

static void nor_by_the_parent_of_the_tree_is_a_copy(void **unused)
{
    (void)unused;
    forge(62);
    become_parent();
    assert_true(fell_as_parent());
    assert_true(fake_alive(62));
}

/* A daemon that dropped its privileges, and has no parent. */
static void users_that_the_tree_has_become_fall_with_it(void **unused)
{
    (void)unused;
    fake_find(DAEMON)->row.user = 1001;
    fake_find(CHILD)->row.user = 1001;
    assert_true(fell());
    expect_line(CHILD, ROUTE_BRAND, OUTCOME_FELL); /* shown by its parent */
    expect_line(DAEMON, ROUTE_BRAND, OUTCOME_FELL);
}

/* With hidepid nothing tells when a set-uid ward started. */
static void a_ward_of_unknown_start_falls_and_its_numbers_next_owner_does_not(void **unused)
{
    (void)unused;
    without_brands();
    guard.scope.ward.id.start = 0;
    assert_int_equal(find_members(&guard.scope, ledger), 2); /* and its child */
    fake_recycle(FAKE_WARD);
    fake_end(CHILD);
    fake_end(DAEMON);
    assert_true(fell());
    assert_true(fake_alive(FAKE_WARD));
}

static void a_member_that_gets_a_dead_guards_number_falls(void **unused)
{
    (void)unused;
    fake_add(WRAPPER, FAKE_SELF);
    protected_add(&guard.scope.protected, WRAPPER);
    fake_end(WRAPPER);
    fake_find(WRAPPER)->reaped = true;
    fake_fork(WRAPPER, DAEMON);
    assert_true(fell());
    expect_line(WRAPPER, ROUTE_BRAND, OUTCOME_FELL);
}

/* ---- asking and looking ---- */

static void asking_reaches_each_once_and_ends_nobody(void **unused)
{
    (void)unused;
    assert_int_equal(ask_all(&guard.scope, FAKE_TERM, ledger), 3);
    assert_int_equal(fake.strikes, 3);
    assert_int_equal(fake.last_signal, FAKE_TERM);
    assert_int_equal(fake_ours_alive(), 3);
}

static void the_rest_is_asked_from_the_top_and_each_once(void **unused)
{
    (void)unused;
    assert_true(ask_rest(&guard.scope, true, FAKE_TERM, ledger));
    int heads = fake.strikes;
    assert_in_range(heads, 1, 2);
    ask_rest(&guard.scope, true, FAKE_TERM, ledger);
    assert_int_equal(fake.strikes, heads);
    ask_rest(&guard.scope, false, FAKE_TERM, ledger);
    assert_int_equal(fake.strikes, 3);
}

static void what_lost_its_parent_is_asked_in_its_turn(void **unused)
{
    (void)unused;
    ask_rest(&guard.scope, true, FAKE_TERM, ledger);
    int heads = fake.strikes;
    fake_end(FAKE_WARD);
    ask_rest(&guard.scope, true, FAKE_TERM, ledger);
    assert_int_equal(fake.strikes, heads + 1);
    assert_int_equal(fake_ours_alive(), 2);
}

static void finding_touches_nothing(void **unused)
{
    (void)unused;
    keep("p102");
    assert_int_equal(find_members(&guard.scope, ledger), 2);
    assert_int_equal(fake.strikes, 0);
    expect_line(CHILD, ROUTE_BRAND, OUTCOME_FOUND);
    expect_line(DAEMON, ROUTE_BRAND, OUTCOME_KEPT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, guard_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_fall_and_each_is_reported_once),
        TEST(by_the_parent_too),
        TEST(a_leaf_without_any_parent_falls_by_lineage),
        TEST(an_orphan_that_nothing_links_is_left_alone),
        TEST(a_child_that_shed_its_brand_falls),
        TEST(one_that_shed_its_brand_after_it_was_seen_falls_by_lineage),
        TEST(the_container_takes_what_nothing_else_proves),
        TEST(lost_fork_events_are_said),
        TEST(a_table_that_cannot_be_read_is_said),
        TEST(a_member_elsewhere_falls_with_the_container),
        TEST(a_member_elsewhere_that_does_not_end_is_said),
        TEST(the_parent_looks_into_the_container_too),
        TEST(the_parent_says_what_is_left_in_the_container),
        TEST(a_branded_one_that_is_no_child_falls),
        TEST(a_dry_run_says_it_too),
        TEST(what_is_born_during_the_fall_falls),
        TEST(one_that_goes_on_in_a_child_of_its_own_at_every_look_falls),
        TEST(one_that_no_listing_shows_falls_by_its_number),
        TEST(by_the_parent_as_well),
        cmocka_unit_test(a_number_given_to_another_is_not_struck),
        cmocka_unit_test(nor_by_the_parent),
        cmocka_unit_test(nor_remembered),
        TEST(a_process_in_disk_sleep_is_reported_after_the_budget),
        TEST(another_users_process_is_reported_at_once),
        TEST(a_slow_death_is_waited_for_not_struck_on_and_on),
        TEST(zombies_are_dead),
        TEST(what_cannot_be_seen_is_not_called_complete),
        TEST(without_memory_it_is_not_complete_either),
        TEST(the_kept_live_and_so_does_what_they_started),
        TEST(the_parent_keeps_them_too),
        TEST(a_command_line_names_a_kept_one_too),
        TEST(what_a_kept_one_started_is_kept_when_that_is_gone),
        TEST(an_orphan_in_a_session_that_a_kept_one_leads_is_kept),
        TEST(one_whose_command_line_cannot_be_read_is_left_and_told_about),
        TEST(guards_and_ancestors_are_never_members),
        TEST(nor_by_the_parent_of_the_tree),
        TEST(the_wards_group_and_session_hold_innocents),
        TEST(another_users_copy_of_the_brand_is_neither_struck_nor_counted),
        TEST(nor_by_the_parent_of_the_tree_is_a_copy),
        TEST(users_that_the_tree_has_become_fall_with_it),
        TEST(a_ward_of_unknown_start_falls_and_its_numbers_next_owner_does_not),
        TEST(a_member_that_gets_a_dead_guards_number_falls),
        TEST(asking_reaches_each_once_and_ends_nobody),
        TEST(the_rest_is_asked_from_the_top_and_each_once),
        TEST(what_lost_its_parent_is_asked_in_its_turn),
        TEST(finding_touches_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
