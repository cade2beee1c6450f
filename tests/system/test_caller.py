"""The process that started treefall is gone: so is the tree, if nobody said otherwise."""

import signal

from support import deadline
from support.machine import in_pid_namespace


def test_the_tree_falls(caller, family, tree):
    shell, wrapper = caller(family.command("daemon", "plain", "session"))
    family.gather("daemon", "plain", "session")
    shell.send(signal.SIGKILL)
    assert not family.left()
    assert wrapper.wait_gone(deadline.FALL_S)
    assert not tree.wait_gone()


def test_it_is_asked_first_and_then_forced(caller, listener):
    shell, wrapper = caller(listener.command(), "--grace", "200ms", "--signal", "HUP")
    listener.gather()
    shell.send(signal.SIGKILL)
    assert listener.hear() == ("got", signal.SIGHUP)
    assert listener.ward.wait_gone(deadline.FALL_S)
    assert wrapper.wait_gone(deadline.FALL_S)


def test_ignore_goes_on(caller, listener):
    shell, wrapper = caller(listener.command("15=0"), "--caller-death=ignore")
    listener.gather()
    shell.send(signal.SIGKILL)
    assert shell.wait_gone(deadline.FALL_S)
    # Each answer is a turn of the wrapper's loop after that death.
    for _ in range(2):
        wrapper.send(signal.SIGUSR1)
        assert listener.hear() == ("got", signal.SIGUSR1)
    wrapper.send(signal.SIGTERM)
    assert wrapper.wait_gone(deadline.FALL_S)


def test_a_caller_that_is_an_init_is_no_orphan_s_mark(call, account):
    """Hard case 35: the parent is pid 1 of its namespace from the start."""
    prefix = in_pid_namespace(account, '"$@"; exit $?', "--mount-proc")
    answer = call("run", "--", "sh", "-c", "exit 3", prefix=prefix)
    assert (answer.status, answer.err) == (3, "")
