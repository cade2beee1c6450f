"""Sentinels that are killed, strangers that look like members, crowds."""

import signal
import time

import pytest
from bed.tree import WineTree
from support import deadline
from support.waiting import wait_until
from test_win_bed import RECYCLE_S
from test_win_library import MEMBERS, TREE, report_in


def sentinels_of(folder):
    """Those that run now, held, the oldest first."""
    living = WineTree.of_folder(folder).record().living()
    sentinels = [process for process in living if "treefall-sentinel" in process.command_line]
    for process in living:
        if process not in sentinels:
            process.close()
    return sorted(sentinels, key=lambda process: (process.start_ticks, process.pid))


def sentinel_of(folder):
    """The one that runs now, held."""
    (sentinel,) = wait_until(lambda: sentinels_of(folder), deadline.START_S, "a sentinel")
    return sentinel


def guarantee(ward):
    ward.tell("gtold")
    return ward.hear_of("told")


def await_replacement(ward):
    end = time.monotonic() + deadline.START_S
    while '"armed":true' not in (told := guarantee(ward)) or '"lost":1' not in told:
        assert time.monotonic() < end, told
        time.sleep(0.005)  # asked without a pause, Wine's server has no time for the start


def test_a_killed_sentinel_is_replaced(guarded, folder):
    ward = guarded(*TREE).gather(*MEMBERS)
    sentinel_of(folder).send(signal.SIGKILL)
    killed = time.monotonic()
    await_replacement(ward)
    print(f"armed again after {1000 * (time.monotonic() - killed):.0f} ms")
    ward.tell("start plain")
    ward.gather("plain", "plain")
    ward.tell("exit 7")
    assert ward.left() == []
    assert report_in(folder)["counts"]["fell"] >= len(MEMBERS)


def test_a_program_that_unloads_the_library_stays_guarded(guarded, folder):
    """The thread that replaces a lost sentinel is in it."""
    ward = guarded("plain").gather("plain")
    ward.tell("unload")
    assert ward.hear_of("unload") == "1"
    sentinel_of(folder).send(signal.SIGKILL)
    await_replacement(ward)
    ward.tell("exit 7")
    assert ward.left() == []


def test_both_are_killed_at_once(guarded, folder):
    """The kernel ends what is in the job when nobody holds it any more."""
    ward = guarded(*TREE).gather(*MEMBERS)
    sentinel = sentinel_of(folder)
    sentinel.send(signal.SIGSTOP)
    ward.tell("abandon 7")
    ward["ward"].wait_gone(deadline.FALL_S)
    sentinel.send(signal.SIGKILL)
    assert ward.left() == []
    assert not (folder / "fall.json").exists()


ONCE_AND_OFTEN = [0, *(pytest.param(run, marks=pytest.mark.long) for run in range(1, 100))]


@pytest.mark.parametrize("run", ONCE_AND_OFTEN)
def test_a_stranger_whose_parents_number_is_the_wards(start, programs, folder, library, run):
    recycle = start([programs["recycle"], programs["ward"], folder])
    start.allow_leavings()
    recycle.gather("stranger")
    recycle.hear_of("recycled", RECYCLE_S)
    recycle.gather("ward")
    recycle.tell(f"library {library}")
    recycle.tell("guard 60000")
    assert recycle.hear_of("guard").split()[0] == "0"
    recycle.tell("start plain")
    recycle.gather("plain")
    recycle.tell("abandon 7")
    assert recycle["ward"].wait_gone(deadline.FALL_S)
    assert recycle["plain"].wait_gone(deadline.FALL_S)
    assert recycle.left(0.5) == ["stranger"]


@pytest.mark.parametrize("count", [300, pytest.param(1000, marks=pytest.mark.long)])
def test_a_crowd_falls(guarded, folder, count):
    ward = guarded(f"crowd={count}")
    ward.gather(*["leaf"] * count)
    ward.tell("exit 7")
    assert ward.left() == []
    report = report_in(folder)
    assert report["counts"]["fell"] >= count
    print(f"{count} fell within {report['fall_ms']} ms")
