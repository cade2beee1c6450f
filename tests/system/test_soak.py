"""Random trees, guarded in random ways, with random blows at the guards, for as long as is asked for.

TREEFALL_SOAK_S says how long each account's soak takes, TREEFALL_SEED where it begins; a failure
names its trial's seed, and TREEFALL_TRIAL plays that one alone."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import deadline, leavings
from support.compiler import linked_with
from support.soak import Bed, Trial
from support.waiting import wait_until

SHORT_S = 5
HOUR_S = 3600
SHORT_MOST = 300
LONG_MOST = 2000
SIDE_BY_SIDE = 2


@pytest.fixture
def make_bed(treefall, programs, account, folder, tree):
    beds = []

    def make(most):
        flags = ["-DLIBRARY", *linked_with(treefall.parent)]
        guarded = programs.make("grove", flags, "grove-guarded")
        beds.append(Bed(treefall, programs["grove"], guarded, account, folder, most))
        return beds[-1]

    yield make
    for bed in beds:
        bed.end()


def soak(bed, seconds):
    """Returns how many trials there were and what they complain of."""
    first = int(os.environ.get("TREEFALL_SEED", time.time_ns() % 1_000_000_000))
    if "TREEFALL_TRIAL" in os.environ:
        return 1, Trial(bed, int(os.environ["TREEFALL_TRIAL"])).run()
    end = time.monotonic() + seconds
    complaints, count = [], 0

    def play(lane):
        nonlocal count
        for number in range(10**9):
            if time.monotonic() > end or len(complaints) > 5:
                return
            complaints.extend(Trial(bed, first + number * SIDE_BY_SIDE + lane).run())
            count += 1

    with ThreadPoolExecutor(SIDE_BY_SIDE) as lanes:
        list(lanes.map(play, range(SIDE_BY_SIDE)))
    return count, complaints


def left_cgroups(bed, before):
    """The next run takes away what killed guards left; other suites may have theirs beside ours."""
    bed.start([bed.treefall, "run", "true"]).wait()
    return [path for path in leavings.own_cgroups(bed.account) - before if leavings.is_empty(path)]


def assert_soaked(bed, folder, seconds):
    cgroups, handles = leavings.own_cgroups(bed.account), len(os.listdir("/proc/self/fd"))
    count, complaints = soak(bed, seconds)
    print(f"{count} trials in {seconds} s, {bed.late} with a late end")
    assert not complaints, "\n".join(complaints)
    assert count > 0
    assert not leavings.runtime_files(folder)
    assert len(os.listdir("/proc/self/fd")) == handles
    wait_until(lambda: not left_cgroups(bed, cgroups), deadline.FALL_S, "no cgroup is left")


def test_random_trees_leave_no_survivor_and_hurt_no_innocent(make_bed, folder):
    assert_soaked(make_bed(SHORT_MOST), folder, float(os.environ.get("TREEFALL_SOAK_S", SHORT_S)))


@pytest.mark.long
@pytest.mark.timeout(0)
def test_an_hour_of_random_trees_leaves_no_survivor_and_hurts_no_innocent(make_bed, folder):
    assert_soaked(make_bed(LONG_MOST), folder, float(os.environ.get("TREEFALL_SOAK_S", HOUR_S)))
