/* Stopping ourselves as the key would have: once, however early the key's own signal comes. */
#include "os/os.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define CONTINUED 3
#define ALONE     4

/* In a group of its own, whose parent is there to continue it: else the kernel stops nobody. */
static void stop_from_terminal(bool key_waits)
{
    sigset_t blocked;
    setpgid(0, 0);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTSTP);
    sigaddset(&blocked, SIGCONT);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    if (key_waits)
        raise(SIGTSTP);
    _exit(os_stop_self(SIGTSTP, false) ? CONTINUED : ALONE);
}

static void stops_once(bool key_waits)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        stop_from_terminal(key_waits);
    assert_int_equal(waitpid(child, &status, WUNTRACED), child);
    assert_true(WIFSTOPPED(status));
    kill(child, SIGCONT);
    assert_int_equal(waitpid(child, &status, WUNTRACED), child);
    bool again = WIFSTOPPED(status);
    if (again)
        kill(child, SIGKILL);
    assert_false(again);
    assert_int_equal(WEXITSTATUS(status), CONTINUED);
}

static void without_the_key(void **state)
{
    (void)state;
    stops_once(false);
}

static void while_the_key_waits(void **state)
{
    (void)state;
    stops_once(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_the_key),
        cmocka_unit_test(while_the_key_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
