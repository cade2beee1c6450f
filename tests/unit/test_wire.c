/* The wire's lines, on the real kernel. That it kills is tests/system's to show. */
#include "os/os.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct {
    struct os_wire *wire;
    struct process_row target;
} test;

static int setup(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    return child < 0 || os_process_row(child, &test.target).code || os_wire_open(&test.wire).code;
}

static int teardown(void **state)
{
    (void)state;
    os_wire_close(test.wire);
    kill(test.target.id.pid, SIGKILL);
    return waitpid(test.target.id.pid, NULL, 0) < 0;
}

static void arm(void)
{
    assert_int_equal(os_wire_arm_process(test.wire, &test.target).code, 0);
}

static void what_no_look_found_is_let_go(void **state)
{
    (void)state;
    arm();
    os_wire_sweep(test.wire, os_wire_look(test.wire));
    assert_int_equal(os_wire_armed(test.wire), 0);
}

static void two_looks_at_once_let_go_of_nothing_that_one_found(void **state)
{
    (void)state;
    uint32_t first = os_wire_look(test.wire);
    arm();
    uint32_t second = os_wire_look(test.wire);
    arm();
    os_wire_sweep(test.wire, second);
    os_wire_sweep(test.wire, first);
    assert_int_equal(os_wire_armed(test.wire), 1);
}

static void what_came_during_a_look_is_kept(void **state)
{
    (void)state;
    uint32_t look = os_wire_look(test.wire);
    arm();
    os_wire_sweep(test.wire, look);
    assert_int_equal(os_wire_armed(test.wire), 1);
}

/* ---- more targets than lines ---- */

#define CROWD 1200

static pid_t crowd[CROWD];

static int make_crowd(void **state)
{
    for (int i = 0; i < CROWD; i++)
        if ((crowd[i] = fork()) == 0)
            for (;;)
                pause();
    os_limits_raise();
    return setup(state);
}

static int end_crowd(void **state)
{
    for (int i = 0; i < CROWD; i++)
        kill(crowd[i], SIGKILL);
    for (int i = 0; i < CROWD; i++)
        waitpid(crowd[i], NULL, 0);
    return teardown(state);
}

/* With a limit of files that leaves room for all lines, the page itself is the bound. */
static void a_crowd_finds_no_more_room_than_there_is(void **state)
{
    (void)state;
    size_t armed = 0;
    uint32_t look = os_wire_look(test.wire);
    for (int i = 0; i < CROWD; i++) {
        struct process_row row = {.id.pid = crowd[i]};
        if (!os_process_row(crowd[i], &row).code)
            armed += !os_wire_arm_process(test.wire, &row).code;
    }
    assert_in_range(armed, 1, CROWD - 1);
    assert_int_equal(os_wire_armed(test.wire), armed);
    os_wire_sweep(test.wire, look);
    assert_int_equal(os_wire_armed(test.wire), armed);
    os_wire_disarm(test.wire);
    assert_int_equal(os_wire_armed(test.wire), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_no_look_found_is_let_go, setup, teardown),
        cmocka_unit_test_setup_teardown(two_looks_at_once_let_go_of_nothing_that_one_found, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_came_during_a_look_is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(a_crowd_finds_no_more_room_than_there_is, make_crowd,
                                        end_crowd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
