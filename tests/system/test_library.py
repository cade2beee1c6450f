"""libtreefall: a program guards itself, and knows nothing of the sentinel but its handle."""

import json
import os
import signal
import time
from pathlib import Path

import pytest
from support import binary, deadline, proc
from support.family import Family
from support.process import Gone, Process
from support.waiting import wait_until
from support.ward import Ward

INCLUDE = binary.REPOSITORY / "include"
OK, EINVAL, ENOSENTINEL, EFORKED = 0, -1, -2, -5
NEVER_MS = 3_600_000
TREE = ("child", "far")


@pytest.fixture(scope="session")
def guarded_program(programs, treefall):
    library = treefall.parent
    return programs.make("guarded", [f"-I{INCLUDE}", f"-L{library}", f"-Wl,-rpath,{library}", "-ltreefall"])


class Guarded:
    """The program, which does as it is told: `ask` returns what it answers."""

    def __init__(self, ward, family):
        self.ward = ward
        self.family = family

    def ask(self, order):
        self.ward.tell(order)
        word, number = self.family.hear()
        assert word == order.split()[0]
        return number

    def grow(self):
        for role in TREE:
            self.ward.tell(role)
            self.family.take(role)


@pytest.fixture
def guarded(guarded_program, account, folder, tree, sentinels):
    family = Family(guarded_program, account, folder)
    with open(folder / "ward-stderr", "wb") as stderr:
        ward = Ward(account, folder, family.command(), stderr=stderr)
    tree.add(ward.process)
    family.gather()
    yield Guarded(ward, family)
    tree.end()
    ward.end()
    family.close()
    wait_until(lambda: not sentinels(), deadline.FALL_S, "no sentinel is left")


@pytest.fixture
def sentinels(treefall):
    """Those of this session's library: nothing of a test's folder shows in them."""
    program = str(treefall.parent / "treefall-sentinel")

    def running():
        found = []
        for pid in proc.rows():
            try:
                if proc.links(pid)[:1] == [program]:
                    found.append(Process.open(pid))
            except Gone:
                pass
        return found

    return running


def start(guarded, delay_ms=NEVER_MS, grace_ms=NEVER_MS, report=""):
    assert guarded.ask(f"start {delay_ms} {grace_ms} {report}") == OK


def test_from_start_to_stop(guarded, sentinels):
    guarded.grow()
    start(guarded)
    (sentinel,) = sentinels()
    assert guarded.ask("beat") == 0
    assert guarded.ask("stop") == OK
    assert sentinel.wait_gone(deadline.ANSWER_S)
    assert guarded.family.living() == ["child", "far", "ward"]
    guarded.ward.tell("0")
    assert guarded.ward.popen.wait() == 0


@pytest.mark.parametrize("how", ["killed", "exits"])
def test_the_ward_s_end_fells_its_tree(guarded, tree, how):
    start(guarded)
    guarded.grow()
    if how == "killed":
        guarded.ward.process.send(signal.SIGKILL)
    else:
        guarded.ward.tell("7")
    assert not guarded.family.left()
    assert not tree.wait_gone()


def test_silence_fells_it(guarded, folder):
    report = folder / "report.json"
    start(guarded, 400, NEVER_MS, report)
    guarded.grow()
    guarded.ask("beats 1")
    assert not guarded.ward.process.wait_gone(0.8)
    last = time.monotonic()
    guarded.ask("beats 0")
    assert not guarded.family.left()
    assert time.monotonic() - last < 0.8
    told = json.loads(wait_until(report.read_text, deadline.ANSWER_S, "a report"))
    assert (told["trigger"], told["ward"]["pid"]) == ("stale", guarded.ward.pid)


def test_a_beat_is_good_for_one_delay(guarded):
    start(guarded, 500)
    last = time.monotonic()
    guarded.ask("beat")
    assert guarded.ward.process.wait_gone(deadline.FALL_S)
    assert 0.49 <= time.monotonic() - last < 1.0  # the clock of a beat is coarse: one tick


def test_the_first_beat_has_the_startup_grace(guarded):
    began = time.monotonic()
    start(guarded, 50, 600)
    assert guarded.ward.process.wait_gone(deadline.FALL_S)
    assert time.monotonic() - began >= 0.6


def test_a_hold_and_its_release(guarded):
    start(guarded, 200)
    guarded.ask("beat")
    guarded.ask("hold 0")
    assert not guarded.ward.process.wait_gone(0.6)
    guarded.ask("release")
    assert guarded.ward.process.wait_gone(deadline.FALL_S)


def test_a_hold_with_a_budget(guarded):
    start(guarded, 100)
    guarded.ask("beat")
    began = time.monotonic()
    guarded.ask("hold 600")
    assert guarded.ward.process.wait_gone(deadline.FALL_S)
    assert time.monotonic() - began >= 0.59


def test_a_stopped_ward_is_held(guarded):
    start(guarded, 300)
    guarded.ask("beat")
    guarded.ward.process.send(signal.SIGSTOP)
    assert not guarded.ward.process.wait_gone(0.7)
    guarded.ward.process.send(signal.SIGCONT)
    assert guarded.ward.process.wait_gone(deadline.FALL_S)


def test_closing_has_its_budget(guarded):
    start(guarded, 100)
    guarded.ask("beat")
    began = time.monotonic()
    guarded.ask("closing 600")
    assert guarded.ward.process.wait_gone(deadline.FALL_S)
    assert time.monotonic() - began >= 0.59


def test_two_guards_of_one_process(guarded, sentinels):
    """Each has its own sentinel; the second goes on when the first is stopped."""
    start(guarded)
    assert guarded.ask(f"start2 {NEVER_MS} {NEVER_MS}") == OK
    assert len(sentinels()) == 2
    guarded.grow()
    assert guarded.ask("stop") == OK
    assert len(sentinels()) == 1
    guarded.ward.process.send(signal.SIGKILL)
    assert not guarded.family.left()


def test_started_again_after_a_stop(guarded):
    for _ in range(3):
        start(guarded)
        assert guarded.ask("stop") == OK
    start(guarded)
    guarded.grow()
    guarded.ward.process.send(signal.SIGKILL)
    assert not guarded.family.left()


def test_a_fork_inherits_no_guard(guarded, sentinels):
    start(guarded)
    assert guarded.ask("stopinchild") == EFORKED
    assert len(sentinels()) == 1
    guarded.grow()
    guarded.family["child"].send(signal.SIGKILL)
    assert guarded.family["child"].wait_gone(deadline.FALL_S)
    assert guarded.ask("wait") == guarded.family["child"].pid
    assert guarded.family.living() == ["far", "ward"]
    guarded.ward.process.send(signal.SIGKILL)
    assert not guarded.family.left()


def test_no_wait_sees_the_sentinel(guarded, sentinels):
    """Neither while it runs, nor when it is killed or gone."""
    assert guarded.ask("wait") == -1
    start(guarded)
    assert guarded.ask("wait") == -1
    (sentinel,) = sentinels()
    sentinel.send(signal.SIGKILL)
    assert sentinel.wait_gone(deadline.FALL_S)
    assert guarded.ask("wait") == -1
    assert guarded.ask("stop") == OK
    assert guarded.ask("wait") == -1


def test_the_sentinel_shares_nothing_with_the_ward(guarded, sentinels):
    start(guarded)
    (sentinel,) = sentinels()
    assert os.getsid(sentinel.pid) not in (os.getsid(guarded.ward.pid), os.getsid(0))
    assert os.getpgid(sentinel.pid) != os.getpgid(guarded.ward.pid)
    assert proc.row(sentinel.pid).parent_pid != guarded.ward.pid
    assert os.readlink(f"/proc/{sentinel.pid}/cwd") == "/"
    assert proc.environment(sentinel.pid) == ""
    held = {os.readlink(path) for path in Path(f"/proc/{sentinel.pid}/fd").iterdir()}
    wards = {os.readlink(path) for path in Path(f"/proc/{guarded.ward.pid}/fd").iterdir()}
    own = {"anon_inode:[eventfd]", "/memfd:treefall (deleted)"}  # the page and the dismissal
    assert held & wards <= own
    assert any("treefall" in name for name in wards)


def test_what_is_armed(guarded, folder):
    start(guarded)
    guarded.ask("guarantee")
    told = json.loads((folder / "ward-stderr").read_text())
    routes = {line["route"]: line["blind_to"] for line in told["guarantee"]}
    assert "brand" in routes and all(routes.values())


@pytest.mark.parametrize("options", ["-1 0", "49 0", "0 -1", "999999999999999 0"])
def test_options_out_of_range(guarded, sentinels, options):
    assert guarded.ask(f"start {options}") == EINVAL
    assert not sentinels()


@pytest.mark.parametrize("path", ["/nowhere/treefall-sentinel", "/etc/passwd", "/"])
def test_no_sentinel(guarded, path):
    assert guarded.ask(f"startat {path}") == ENOSENTINEL
    assert guarded.ask("wait") == -1
