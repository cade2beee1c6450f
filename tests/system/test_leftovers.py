"""All guards of a run were killed at once: the next treefall of that user removes what they left."""

import signal
import subprocess
from pathlib import Path

import pytest
from support import deadline, ending, leavings
from support.family import Family
from support.process import Process, wait_all_gone
from support.waiting import wait_until
from support.ward import Ward

BEATS = "--heartbeat", "auto"
AUTO = pytest.mark.parametrize("options", [BEATS, ("--notify",)], ids=["heartbeat", "notify"])
NEVER = "--startup-grace", "1h", "--kill-delay", "1h"


def entries(folder):
    """One for each tree whose guards made something."""
    return list((folder / "runtime" / "treefall").glob("*"))


@pytest.fixture
def leave(launch, make_family):
    """A run whose guards are all killed: nothing of the tree lives, and what they made is there."""

    def kill(*options):
        family = make_family("lost")
        run = launch(family.command(), [*options, *NEVER])
        family.gather()
        cgroup = leavings.cgroup_of(family.ward.pid)
        guards = [run.sentinel(), run.reserve(), run.wrapper]
        for guard in guards:
            guard.send(signal.SIGSTOP)  # or one would tidy up after the others
        ending.kill_together(*guards)
        assert not family.left() and not wait_all_gone(guards, deadline.FALL_S)
        return cgroup

    return kill


@pytest.fixture
def by_run(call):
    return lambda: call("run", "--", "true")


@pytest.fixture
def by_watch(treefall, account, folder, tree):
    """It watches a process until that ends."""
    started = []

    def watch():
        kept = {"cwd": folder, "env": account.environment(folder), "stdin": subprocess.DEVNULL}
        ward = subprocess.Popen(account.command(["sleep", "1000"]), **kept)
        account.await_process(ward.pid)
        watch = subprocess.Popen(
            account.command([treefall, "watch", "--pid", str(ward.pid)]), **kept
        )
        started.extend([ward, watch])
        for process in started:
            tree.add(Process.of_child(process.pid))

    yield watch
    tree.end()
    for process in started:
        process.wait()


@pytest.fixture
def by_library(guarded_program, account, folder, tree):
    started = []

    def guard():
        family = Family(guarded_program, account, folder, "library")
        ward = Ward(account, folder, family.command())
        started.extend([ward, family])
        tree.add(ward.process)
        family.gather()
        ward.tell("start 3600000 3600000")
        assert family.hear() == ("start", 0)

    yield guard
    tree.end()
    for each in started:
        getattr(each, "close", getattr(each, "end", None))()


@AUTO
@pytest.mark.parametrize("starter", ["by_run", "by_watch", "by_library"])
def test_files_are_removed_by_any_next_treefall(leave, folder, request, options, starter):
    leave(*options)
    assert entries(folder)
    request.getfixturevalue(starter)()
    wait_until(lambda: not entries(folder), deadline.ANSWER_S, "an empty runtime folder")


@AUTO
def test_files_are_removed_beside_a_guard_that_lives(
    launch, leave, family, folder, by_run, options
):
    run = launch(family.command(), [*options, *NEVER])
    family.gather()
    (living,) = entries(folder)
    leave(*options)
    assert len(entries(folder)) == 2
    by_run()
    assert entries(folder) == [living]
    run.tell("exit 0")
    assert run.status() == 0
    assert not leavings.runtime_files(folder)


@pytest.mark.parametrize("account", ["as_root"], indirect=True)
@pytest.mark.parametrize("starter", ["by_run", "by_watch", "by_library"])
def test_cgroup_is_removed_by_any_next_treefall(leave, request, account, starter):
    if not leavings.has_cgroups():
        pytest.skip("this account's trees have no cgroup here")
    cgroup = leave()
    assert cgroup.exists()
    request.getfixturevalue(starter)()
    wait_until(lambda: not cgroup.exists(), deadline.ANSWER_S, "the cgroup's end")


@pytest.mark.parametrize("account", ["as_root"], indirect=True)
def test_folder_of_a_cap_is_removed_by_the_next_treefall(leave, account, by_run):
    """--max-procs in the pids hierarchy of cgroup v1, where v2 does not have that controller."""
    hierarchy = Path("/sys/fs/cgroup/pids")
    cgroup = leave("--max-procs", "100")
    cap = hierarchy / cgroup.name if cgroup else None
    if not cap or not cap.exists():
        pytest.skip("no cap in cgroup v1 here")
    by_run()
    assert not cap.exists()


def test_what_is_not_ours_in_the_folder_stays(leave, folder, by_run):
    leave(*BEATS)
    own = folder / "runtime/treefall"
    kept = [own / "beat-of-another", own / "a-folder-0123456789abcdef"]
    kept[0].touch()
    kept[1].mkdir()
    by_run()
    assert sorted(own.iterdir()) == sorted(kept)
    kept[0].unlink()
    kept[1].rmdir()
    own.rmdir()


def test_what_the_ward_made_beside_its_file_goes_with_it(launch, folder):
    """A ward that replaces its heartbeat file by renaming, and ends in between."""
    touch = 'touch "$TREEFALL_HEARTBEAT.new"'
    script = f'{touch}; mv "$TREEFALL_HEARTBEAT.new" "$TREEFALL_HEARTBEAT"; {touch}'
    assert launch(["sh", "-c", script], BEATS).status() == 0
    assert not Path(folder / "runtime/treefall").exists()
