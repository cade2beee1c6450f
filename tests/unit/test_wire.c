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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_no_look_found_is_let_go, setup, teardown),
        cmocka_unit_test_setup_teardown(two_looks_at_once_let_go_of_nothing_that_one_found, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_came_during_a_look_is_kept, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
