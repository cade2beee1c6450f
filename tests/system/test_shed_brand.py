"""A ward that lowers its own limit of file locks has no brand any more: lineage is the second rung."""

import json
import signal

import pytest
from support import deadline, wired
from support.ward import Ward, Watch

DELAY_MS = 300
SHED = ["bash", "-c", 'ulimit -x 0 && exec "$@"', "bash"]
SHED_LATER = ["bash", "-c", 'read -r go && ulimit -x 0 && exec "$@"', "bash"]
OPTIONS = ["--without=cgroup", "--kill-delay", f"{DELAY_MS}ms"]
ROLES = ("daemon", "session", "stubborn")


@pytest.fixture
def run(launch, family):
    run = launch([*SHED, *family.command(*ROLES)], OPTIONS)
    family.gather(*ROLES)
    wired.await_count(run.sentinel(), 3)  # the ward's group, and two sessions
    return run


def test_tree_falls_with_the_ward(run, family, tree):
    run.tell("exit 3")
    assert run.status() == 3
    assert not family.left()


def test_tree_falls_with_the_wrapper(run, family, tree):
    run.wrapper.send(signal.SIGKILL)
    assert not family.left()
    assert not tree.wait_gone()


def test_tree_falls_with_both_guards(run, family, tree):
    """The reserve knows what the sentinel saw."""
    for guard in run.guards():
        guard.send(signal.SIGKILL)
    assert not family.left()
    assert not tree.wait_gone()


def test_tree_of_watch_falls_with_the_ward(treefall, account, folder, tree, family):
    members = ("plain", "session", "stubborn")
    ward = Ward(account, folder, [*SHED_LATER, *family.command(*members)])
    tree.add(ward.process)
    report = folder / "fall.json"
    options = ["--kill-delay", f"{DELAY_MS}ms", "--report", str(report)]
    watch = Watch(treefall, account, folder, ward.pid, options)
    tree.add(watch.primary)
    ward.tell("go")
    family.gather(*members)
    wired.await_count(watch.primary, 4)
    ward.process.send(signal.SIGKILL)
    assert not family.left()
    status = watch.status(deadline.START_S)
    told = json.loads(report.read_text())
    assert (status, told["survivors"], told["unseen"]) == (0, [], [])
    tree.end()
    ward.end()
    watch.end()
