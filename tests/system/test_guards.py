"""Two guards watch the tree and each other; either may be killed."""

import os
import signal
import subprocess
import time

import pytest
from support import deadline, ending, proc
from support.waiting import wait_until

MEMBERS = ("daemon", "plain", "session", "stubborn")
TRIES = 20
REPLACE = ("--on-sentinel-loss", "replace")


def start(launch, family, *options):
    run = launch(family.command(*MEMBERS), options)
    family.gather(*MEMBERS)
    return run


def test_a_lost_sentinel_fells_the_tree(launch, family):
    run = start(launch, family, "--on-sentinel-loss", "fall")
    ending.sentinel_is_killed(run, family)
    assert not family.left()


def test_a_kill_of_the_wrapper_s_whole_group(launch, family, tree):
    """As a shell's `kill -9 -PGID`, or a terminal's manager: somebody of treefall is elsewhere."""
    run = launch(family.command(*MEMBERS), prefix=["setsid"])
    family.gather(*MEMBERS)
    os.killpg(run.wrapper.pid, signal.SIGKILL)
    assert not family.left()
    assert not tree.wait_gone()


def test_a_lost_sentinel_is_replaced(launch, family, tree):
    run = start(launch, family, *REPLACE)
    lost = run.sentinel()
    for _ in range(3):
        lost = lose_sentinel(run, lost)
        assert family.living() == sorted([*MEMBERS, "ward"])
    run.tell("exit 5")
    assert run.status() == 5
    assert not family.left()
    assert not tree.wait_gone()


def test_a_sentinel_killed_before_it_watches_is_replaced(launch, family, tree):
    run = start(launch, family, *REPLACE)
    known = {run.reserve().pid, *proc.children(run.wrapper.pid)}
    run.sentinel().send(signal.SIGKILL)
    for _ in range(2):
        known.add(kill_newborn_sentinel(run.wrapper.pid, known))
    await_sentinel(run, *known)
    assert family.living() == sorted([*MEMBERS, "ward"])
    run.tell("exit 5")
    assert run.status() == 5
    assert not family.left()
    assert not tree.wait_gone()


def test_the_new_sentinel_guards(launch, family, tree):
    run = start(launch, family, *REPLACE)
    lose_sentinel(run, run.sentinel())
    ending.wrapper_is_killed(run, family)
    assert not family.left()
    assert not tree.wait_gone()


def test_the_new_pair_killed_back_to_back(launch, family, tree):
    run = start(launch, family, *REPLACE)
    lose_sentinel(run, run.sentinel())
    ending.both_are_killed(run, family)
    assert not family.left()
    assert not tree.wait_gone()


def test_the_new_sentinel_hears_the_heart(launch, family, folder, account):
    """A heartbeat that stops after the replacement is still a trigger."""
    beat = folder / "beat"
    beat.touch()
    account.take(beat)
    run = start(launch, family, *REPLACE, "--heartbeat", str(beat), "--kill-delay", "1s")
    lose_sentinel(run, run.sentinel())
    beat.touch()
    assert run.status() == 124
    assert not family.left()


def test_a_lost_reserve_changes_nothing(launch, family, tree):
    run = start(launch, family)
    ending.kill_together(run.reserve())
    run.tell("exit 4")
    assert run.status() == 4
    assert not family.left()
    assert not tree.wait_gone()


def test_the_wrapper_killed_in_the_middle_of_the_fall(launch, make_family, tree):
    """Its reserve has become its child, and is none that falls. Without brand and cgroup a chain
    falls link by link, which takes a while."""
    for number in range(TRIES):
        family = make_family(f"roster{number}")
        run = launch(family.command("chain=300"), ["--without", "cgroup,brand"])
        assert family.await_report("chain") == 300
        family.gather()
        chain = [process for process in tree.record().living() if process.name == "family"]
        assert len(chain) == 301
        reserve = run.reserve()
        ending.kill_together(run.sentinel())
        assert family.ward.wait_gone(deadline.FALL_S)
        run.wrapper.send(signal.SIGSTOP)
        is_midway = any(process.is_alive() for process in chain)
        assert reserve.is_alive() or not is_midway
        ending.kill_together(run.wrapper)
        assert not tree.wait_gone()
        if is_midway:
            return
    pytest.fail(f"no fall was caught in its middle in {TRIES} runs")


def test_a_stopped_wrapper_does_not_stop_the_fall(launch, family, tree, folder, account):
    """A wrapper that hangs is told to fell, and if it does not, the sentinel does."""
    beat = folder / "beat"
    beat.touch()
    account.take(beat)
    run = start(
        launch, family, "--heartbeat", str(beat), "--kill-delay", "300ms", "--startup-grace", "1s"
    )
    run.wrapper.send(signal.SIGSTOP)
    assert not family.left(deadline.START_S)
    run.wrapper.send(signal.SIGCONT)
    assert not tree.wait_gone()


def lose_sentinel(run, sentinel):
    """Kill this sentinel; return the one that takes its place."""
    sentinel.send(signal.SIGKILL)
    assert sentinel.wait_gone(deadline.FALL_S)
    return await_sentinel(run, sentinel.pid)


def kill_newborn_sentinel(wrapper, known):
    """At once, before it can attest; returns its number. A reserve is a child of its sentinel's."""
    end = time.monotonic() + deadline.ANSWER_S
    while not (born := proc.children(wrapper) - known):
        assert time.monotonic() < end, "no new sentinel"
    pid = min(born)
    os.kill(pid, signal.SIGKILL)
    return pid


def await_sentinel(run, *former):
    def found():
        sentinel = run._find_sentinel()
        return sentinel if sentinel and sentinel.pid not in former else None

    return wait_until(found, deadline.ANSWER_S, "a new sentinel")


# A subreaper gets what outlives treefall, dead or alive.
COUNTS_OUTLIVERS = """
import ctypes, os, subprocess, sys
ctypes.CDLL(None).prctl(36, 1)
outlived = 0
for _ in range(100):
    subprocess.run([sys.argv[1], "run", "--", "true"], check=True)
    with open(f"/proc/self/task/{os.getpid()}/children") as children:
        outlived += len(children.read().split())
print(outlived)
"""


def test_no_guard_outlives_a_run_that_is_over_at_once(treefall, account, folder):
    words = account.command(["/usr/bin/python3", "-ISc", COUNTS_OUTLIVERS, treefall])
    settings = {"cwd": folder, "env": account.environment(folder), "timeout": deadline.START_S}
    done = subprocess.run(words, capture_output=True, text=True, check=False, **settings)
    assert (done.stdout, done.stderr, done.returncode) == ("0\n", "", 0)
