"""What treefall did not start is never touched."""

import shutil
import signal

import pytest
from support import deadline, ending, proc
from support.process import Process
from support.waiting import wait_until

LIVES = "sleep 1000"


@pytest.fixture
def beside(launch, family, tree, account, folder):
    """A caller with a child and an orphan of its own, which then becomes treefall by exec."""

    def start(*options):
        caller = f'{LIVES} & echo $!; ({LIVES} & echo $!); exec "$@"'
        run = launch(family.command("daemon", "plain"), options, prefix=["sh", "-c", caller, "sh"])
        innocents = [Process.open(int(run.hear())) for _ in range(2)]
        family.gather("daemon", "plain")
        return run, innocents

    yield start
    tree.end()


def assert_untouched(innocents):
    assert all(innocent.is_alive() for innocent in innocents)


@pytest.mark.parametrize("routes", ["", "cgroup", "cgroup,brand"])
@pytest.mark.parametrize(
    "end",
    [ending.ward_exits, ending.wrapper_is_asked, ending.wrapper_is_killed, ending.both_are_killed],
    ids=lambda end: end.__name__,
)
def test_the_caller_s_own_children_survive(beside, family, end, routes, need_events):
    """Beside them the wrapper is no subreaper."""
    if routes == "cgroup,brand":
        need_events()
    run, innocents = beside(*(["--without", routes] if routes else []))
    end(run, family)
    assert not family.left()
    assert_untouched(innocents)


@pytest.mark.parametrize("routes", ["", "cgroup"])
def test_a_caller_s_child_without_an_exit_signal_survives(launch, programs, family, routes):
    options = ["--without", routes] if routes else []
    run = launch(family.command("daemon", "plain"), options, prefix=[programs["silent_child"]])
    innocent = Process.open(int(run.hear()))
    family.gather("daemon", "plain")
    ending.ward_exits(run, family)
    assert not family.left()
    assert innocent.is_alive()
    innocent.send(signal.SIGKILL)
    assert innocent.wait_gone(deadline.FALL_S)


def test_the_kept_survive_the_guards(launch, account, folder, tree):
    """They share the ward's group, and the kernel's kill does not meet them either."""
    shutil.copy("/bin/sleep", folder / "keepme")
    (folder / "keepme").chmod(0o755)
    run = launch(["sh", "-c", "./keepme 1000 & echo $!; exec sleep 1000"], ["--keep", "keepme"])
    kept = Process.open(int(run.hear()))
    wait_until(lambda: proc.row(kept.pid).name == "keepme", deadline.ANSWER_S, "its name")
    guards = [*run.guards(), run.reserve()]
    run.wrapper.send(signal.SIGKILL)
    assert all(guard.wait_gone(deadline.FALL_S) for guard in guards)
    assert kept.is_alive()
    kept.send(signal.SIGKILL)
    assert kept.wait_gone(deadline.FALL_S)


def test_the_caller_s_own_children_are_not_waited_for(beside, family):
    run, innocents = beside("--no-fall-on-exit")
    for process in (family["daemon"], family["plain"], family.ward):
        process.send(signal.SIGTERM)
    assert run.status() == 128 + signal.SIGTERM
    assert_untouched(innocents)


def test_a_member_of_the_caller_s_session_survives(call, account, folder, tree):
    """The same session, terminal, folder and environment as the ward."""
    script = (
        f'{LIVES} & innocent=$!; "$@"; status=$?; kill -0 $innocent && kill $innocent; exit $status'
    )
    answer = call("run", "--", "sh", "-c", f"{LIVES} & exit 8", prefix=["sh", "-c", script, "sh"])
    assert (answer.status, answer.err) == (8, "")


def test_two_trees_of_one_caller_are_two(launch, make_family):
    one, other = make_family("one"), make_family("other")
    first = launch(one.command("daemon", "session", "plain"))
    second = launch(other.command("daemon", "session", "plain"))
    one.gather("daemon", "session", "plain")
    other.gather("daemon", "session", "plain")
    ending.both_are_killed(first, one)
    assert not one.left()
    assert other.living() == ["daemon", "plain", "session", "ward"]
    second.tell("exit 0")
    assert second.status(deadline.FALL_S) == 0
    assert not other.left()
