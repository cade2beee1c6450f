"""`treefall watch` on Windows: in the foreground, and detached, where a sentinel stays."""

import json
import signal

import pytest
from bed import place
from support import deadline
from support.process import wait_all_gone
from support.waiting import wait_until
from test_win_guards import sentinel_of, sentinels_of
from test_win_library import report_in

MEMBERS = ("plain", "detached")


@pytest.fixture
def ward(start, programs, folder):
    return start([programs["ward"], folder, *MEMBERS]).gather("ward", *MEMBERS)


@pytest.fixture
def detach(start, treefall, ward):
    """Have a sentinel that stays; returns what the call said of it. Nobody waits for the end of the
    call's streams: under Wine every child holds those of its parent, if Windows' handles or not."""

    def detach(*options):
        watch = start(
            [treefall, "watch", "--detach", "--json", *options, "-p", ward.windows_pid("ward")]
        )
        told = json.loads(watch.hear())
        assert (watch.status(), watch.stderr()) == (0, "")
        return told

    return detach


@pytest.fixture
def beat(folder):
    path = folder / "beat —"
    path.touch()
    return path


def test_in_the_foreground(start, ward, folder, treefall):
    watch = start(
        [treefall, "watch", "--verbose", "--report=fall.json", "-p", ward.windows_pid("ward")]
    )
    assert "armed: " in watch.hear()
    ward.tell("exit 1")
    assert ward.left() == []
    assert watch.status() == 0
    assert report_in(folder)["trigger"] == "ward-dead"


def test_detached_it_outlives_its_caller(detach, ward, folder):
    told = detach("--report=fall.json")
    assert told["watching"] == ward.windows_pid("ward")
    assert {"lineage", "parent-link"} <= set(told["armed"])
    pair = sentinels_of(folder)
    assert len(pair) == 2
    ward.tell("start plain")
    ward.gather("plain", "plain")
    ward.tell("exit 1")
    assert ward.left() == []
    assert not wait_all_gone(pair, deadline.FALL_S)
    report = report_in(folder)
    assert (report["trigger"], report["written_by"]) == ("ward-dead", "sentinel")
    assert report["ward"]["command"] == "ward.exe"


def test_detached_it_has_heard_the_first_beat(detach, ward, beat, folder):
    """Not a moment later: the file goes right then."""
    detach("--heartbeat", place.windows_path(beat), "--kill-delay=500ms", "--report=fall.json")
    beat.unlink()
    assert ward.left() == []
    assert report_in(folder)["trigger"].startswith("heartbeat")


def test_detached_it_writes_every_report(detach, ward, folder):
    detach("--report=one.json", "--report=two.txt")
    ward.tell("exit 1")
    assert ward.left() == []
    wait_until(lambda: "ward-dead" in (folder / "two.txt").read_text(), 30, "the second report")


def test_detached_it_leaves_the_ides_job(ward, start_ide, treefall, folder):
    ide = start_ide([treefall, "watch", "--detach", "-p", ward.windows_pid("ward")])
    assert ide.ended() == 0
    ide.close_job()
    assert len(sentinels_of(folder)) == 2 and ward["ward"].is_alive()
    ward.tell("exit 1")
    assert ward.left() == []


def await_pair(folder, but):
    """Until two run, of which none is this one."""

    def is_there():
        now = sentinels_of(folder)
        found = len(now) == 2 and but.identity not in [each.identity for each in now]
        for process in now:
            process.close()
        return found

    wait_until(is_there, deadline.START_S, "a pair again")


@pytest.mark.parametrize("victim", [0, 1], ids=["primary", "partner"])
def test_either_of_the_pair_is_replaced(detach, ward, folder, victim):
    detach("--report=fall.json")
    lost = sentinels_of(folder)[victim]
    lost.send(signal.SIGKILL)
    await_pair(folder, but=lost)
    assert ward.left(0) == sorted(["ward", *MEMBERS])
    ward.tell("exit 1")
    assert ward.left() == []
    assert report_in(folder)["trigger"] == "ward-dead"


def test_the_primary_and_the_ward_are_killed_at_once(detach, ward, folder):
    detach()
    for process in (sentinels_of(folder)[0], ward["ward"]):
        process.send(signal.SIGKILL)
    assert ward.left() == []


def test_who_is_born_and_orphaned_between_two_looks(detach, ward, folder):
    """Nobody looks meanwhile; the child goes on naming its dead parent, whose number is kept."""
    detach("--report=fall.json")
    pair = sentinels_of(folder)
    for sentinel in pair:
        sentinel.send(signal.SIGSTOP)
    ward.tell("start plain")
    ward.gather("plain", "plain")
    ward.tell("abandon 1")
    assert ward["ward"].wait_gone(deadline.FALL_S)
    for sentinel in pair:
        sentinel.send(signal.SIGCONT)
    assert ward.left() == []
    assert report_in(folder)["trigger"] == "ward-dead"


def test_a_killed_one_in_the_foreground_leaves_a_pair(start, ward, folder, treefall):
    watch = start([treefall, "watch", "--verbose", "-p", ward.windows_pid("ward")])
    assert "armed: " in watch.hear()
    partner = sentinel_of(folder)
    watch.process.send(signal.SIGKILL)
    await_pair(folder, but=watch.process)
    assert partner.is_alive()
    ward.tell("exit 1")
    assert ward.left() == []


@pytest.mark.parametrize(
    "options", [["--heartbeat", "Z:\\nowhere\\beat"], ["--report", "Z:\\nowhere\\fall.json"]]
)
def test_detached_it_says_what_it_cannot(call, ward, options, start):
    start.allow_leavings()
    answer = call("watch", "--detach", *options, "-p", ward.windows_pid("ward"))
    assert answer.status == 125 and answer.err.count("\n") == 1
    assert "nowhere" in answer.err or "heartbeat" in answer.err
    assert ward.left(0) == sorted(["ward", *MEMBERS])


def test_who_is_not_there(call):
    answer = call("watch", "--detach", "-p", 999999)
    assert answer.status == 125 and answer.err.count("\n") == 1
