"""libtreefall: a program guards itself, and knows nothing of the sentinel but its handle."""

import json
import os
import signal
import time

import pytest
from support import deadline, freezing, needs, proc
from support.call import call
from support.compiler import linked_with
from support.family import Family
from support.machine import in_pid_namespace, in_user_namespace
from support.process import Gone, Process
from support.waiting import wait_until
from support.ward import Ward

OK, EINVAL, ENOSENTINEL, EFORKED, EREFUSED = 0, -1, -2, -5, -6
EVERSION, EREPORT, ESENTINEL = -7, -8, -10
NEVER_MS = 3_600_000
TREE = ("child", "far")


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
    """Neither while it runs, nor when it is killed, replaced or gone."""
    assert guarded.ask("wait") == -1
    start(guarded)
    assert guarded.ask("wait") == -1
    lose_sentinel(guarded, sentinels, 1)
    assert guarded.ask("wait") == -1
    assert guarded.ask("stop") == OK
    assert guarded.ask("wait") == -1


def test_nor_does_a_ward_that_adopts_orphans(guarded, sentinels):
    assert guarded.ask("subreaper") == 0
    start(guarded)
    assert guarded.ask("subreaper") == 1
    assert guarded.ask("wait") == -1
    lose_sentinel(guarded, sentinels, 1)
    assert guarded.ask("wait") == -1
    guarded.grow()
    guarded.ward.process.send(signal.SIGKILL)
    assert not guarded.family.left()


def test_a_ward_that_adopts_orphans_adopts_those_of_this_moment_too(guarded, sentinels):
    """A start does not take the subreaper's bit from a ward whose descendants may be orphaned."""
    assert guarded.ask("subreaper") == 0
    assert guarded.ask("orphans 10") == 0


def test_the_parent_of_a_sentinel_is_neither_seen_nor_left(guarded, sentinels):
    """Below a ward that adopts orphans and has children, a process stays between it and the sentinel."""
    guarded.ask("subreaper")
    guarded.grow()
    start(guarded)
    (sentinel,) = sentinels()
    parent = Process.open(proc.row(sentinel.pid).parent_pid)
    assert parent.name == "treefall-parent"
    guarded.ask("stop")
    assert parent.wait_gone(deadline.FALL_S) and proc.row(parent.pid) is None
    start(guarded)
    guarded.ward.process.send(signal.SIGKILL)
    assert not guarded.family.left()


def lose_sentinel(guarded, sentinels, nth):
    """Kill all there are; the ward starts as many anew."""
    old = sentinels()
    for sentinel in old:
        sentinel.send(signal.SIGKILL)
    for sentinel in old:
        assert sentinel.wait_gone(deadline.FALL_S)
    wait_until(lambda: guarded.ask("lost") == nth, deadline.ANSWER_S, "it is armed again")
    wait_until(lambda: len(sentinels()) == len(old), deadline.ANSWER_S, "all are replaced")


def test_a_lost_sentinel_is_replaced(guarded, sentinels, folder):
    report = folder / "report.json"
    start(guarded, report=report)
    guarded.grow()
    for nth in range(1, 11):  # more often than guards can nest
        lose_sentinel(guarded, sentinels, nth)
    guarded.ward.process.send(signal.SIGKILL)
    assert not guarded.family.left()
    told = json.loads(wait_until(report.read_text, deadline.ANSWER_S, "a report"))
    assert told["trigger"] == "ward-dead"
    assert "brand" in {fallen["route"] for fallen in told["fallen"]}


def test_a_new_sentinel_counts_from_the_last_beat(guarded, sentinels):
    start(guarded, 600)
    guarded.ask("beat")
    lose_sentinel(guarded, sentinels, 1)
    assert guarded.ward.process.wait_gone(deadline.FALL_S)


def test_a_sentinel_that_is_stopped_is_replaced_when_it_is_to_look(guarded, sentinels):
    start(guarded, 500, NEVER_MS)
    guarded.grow()
    guarded.ask("beats 1")
    (sentinel,) = sentinels()
    freezing.stop(sentinel)
    assert sentinel.wait_gone(deadline.FALL_S)
    wait_until(sentinels, deadline.ANSWER_S, "a new sentinel")
    assert guarded.family.living() == ["child", "far", "ward"]
    guarded.ask("beats 0")
    assert not guarded.family.left()


def test_two_sentinels_of_one_ward_never_fell_each_other(guarded, sentinels):
    """Both are replaced, so both carry the ward's brand; at its end both fell by brand."""
    start(guarded)
    assert guarded.ask(f"start2 {NEVER_MS} {NEVER_MS}") == OK
    lose_sentinel(guarded, sentinels, 1)
    guarded.grow()
    guarded.ward.process.send(signal.SIGKILL)
    assert not guarded.family.left()


def test_the_beat_of_a_forked_child_does_not_count(guarded):
    start(guarded, 500)
    guarded.ask("beat")
    guarded.ask("beats 1")
    assert guarded.ask("beats 0") == 0
    guarded.ward.tell("beatinchild")
    answers = sorted(guarded.family.hear()[0] for _ in range(2))
    assert answers == ["beatinchild", "child"]
    assert guarded.ward.process.wait_gone(deadline.FALL_S)


def test_a_forked_child_starts_a_guard_of_its_own(guarded, sentinels):
    start(guarded)
    guarded.ward.tell("startinchild 400 60000")
    told = dict(guarded.family.hear() for _ in range(3))
    child = Process.open(told["child"])
    far = Process.open(told["far"])
    assert child.wait_gone(deadline.FALL_S) and far.wait_gone(deadline.FALL_S)
    assert guarded.ward.process.is_alive()
    wait_until(lambda: len(sentinels()) == 1, deadline.ANSWER_S, "the child's has ended")


def test_started_from_many_threads(guarded, sentinels):
    assert guarded.ask("threads 8") == 0
    assert not sentinels()


def test_a_handler_of_the_ward_runs_in_the_ward_alone(guarded, sentinels):
    assert guarded.ask("storm") == 0
    assert not sentinels()


def test_a_suspended_ward_is_held(guarded):
    start(guarded, 200)
    guarded.ask("beat")
    guarded.ask("suspended 1")
    assert not guarded.ward.process.wait_gone(0.8)
    guarded.ask("suspended 0")
    assert guarded.ward.process.wait_gone(deadline.FALL_S)


def test_suspended_before_its_first_beat_it_is_held_too(guarded):
    start(guarded, 200, 300)
    guarded.ask("suspended 1")
    assert not guarded.ward.process.wait_gone(0.8)
    guarded.ask("suspended 0")
    assert guarded.ward.process.wait_gone(deadline.FALL_S)


def test_abandoned_by_its_debugger_it_falls(guarded):
    start(guarded, 200)
    guarded.ask("beat")
    guarded.ask("suspended 1")
    assert not guarded.ward.process.wait_gone(0.5)
    guarded.ward.tell("suspended 2")
    assert guarded.ward.process.wait_gone(deadline.FALL_S)


def test_asked_to_stop_a_suspended_ward_falls_one_delay_later(guarded):
    start(guarded, 600)
    guarded.ask("beat")
    guarded.ask("suspended 1")
    assert not guarded.ward.process.wait_gone(0.7)
    asked = time.monotonic()
    guarded.ward.tell("stopasked")
    assert guarded.ward.process.wait_gone(deadline.FALL_S)
    assert 0.58 <= time.monotonic() - asked < 1.1


def test_asked_to_stop_a_ward_that_beats_is_left_alone(guarded):
    start(guarded, 300)
    guarded.ask("beats 1")
    guarded.ask("stopasked")
    assert not guarded.ward.process.wait_gone(0.8)


def test_a_hold_that_ends_early_leaves_one_delay(guarded):
    start(guarded, 300)
    guarded.ask("beat")
    guarded.ask("hold 3600000")
    assert not guarded.ward.process.wait_gone(0.5)
    released = time.monotonic()
    guarded.ask("release")
    assert guarded.ward.process.wait_gone(deadline.FALL_S)
    assert time.monotonic() - released < 0.8


def test_the_sentinel_shares_nothing_with_the_ward(guarded, sentinels):
    start(guarded)
    (sentinel,) = sentinels()
    assert os.getsid(sentinel.pid) not in (os.getsid(guarded.ward.pid), os.getsid(0))
    assert os.getpgid(sentinel.pid) != os.getpgid(guarded.ward.pid)
    assert proc.row(sentinel.pid).parent_pid != guarded.ward.pid
    assert proc.working_folder(sentinel.pid) == "/"
    environment = proc.environment(sentinel.pid).split("\0")[:-1]
    assert all(word.startswith("XDG_RUNTIME_DIR=") for word in environment)
    held = set(proc.open_files(sentinel.pid).values())
    wards = set(proc.open_files(guarded.ward.pid).values())
    kinds = ("eventfd", "pidfd", "timerfd")  # of which each has its own
    own = {"/memfd:treefall (deleted)", *(f"anon_inode:[{kind}]" for kind in kinds)}
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


def test_a_field_of_a_later_version(guarded):
    assert guarded.ask("startnew") == EINVAL


@pytest.mark.parametrize("path", ["/nowhere/treefall-sentinel", "/etc/passwd", "/"])
def test_no_sentinel(guarded, path):
    assert guarded.ask(f"startat {path}") == ENOSENTINEL
    assert guarded.ask("wait") == -1


STRANGERS = {
    ESENTINEL: ["/bin/true", "no program", "#!/nowhere/interpreter\n"],
    EVERSION: ["#!/usr/bin/python3\nimport os\nos.read(3, 9999)\nos.write(3, b'old!')\n"],
}


@pytest.mark.parametrize(
    ("text", "code"), [(text, code) for code, texts in STRANGERS.items() for text in texts]
)
def test_something_else_in_the_sentinel_s_place(guarded, folder, text, code):
    path = folder / "treefall-sentinel"
    if text.startswith("/"):
        path = text
    else:
        path.write_text(text)
        path.chmod(0o755)
    expected = ENOSENTINEL if "nowhere" in text else code
    assert guarded.ask(f"startat {path}") == expected
    assert guarded.ask("wait") == -1


@pytest.mark.parametrize("report", ["/nowhere/report.json", "report.pdf", "/proc/report.json"])
def test_a_report_that_cannot_be_written(guarded, sentinels, report):
    assert guarded.ask(f"start {NEVER_MS} {NEVER_MS} {report}") == EREPORT
    wait_until(lambda: not sentinels(), deadline.ANSWER_S, "the sentinel has ended")


def test_a_report_that_another_user_planted_is_refused(guarded, sentinels, folder, account):
    stranger = needs.stranger()
    shared = account.make_folder(folder / "shared", 0o1777)
    planted = shared / "report.json"
    planted.touch()
    stranger.take(planted)
    assert guarded.ask(f"start {NEVER_MS} {NEVER_MS} {planted}") == EREPORT
    assert planted.stat().st_size == 0
    wait_until(lambda: not sentinels(), deadline.ANSWER_S, "the sentinel has ended")


def test_a_fork_with_its_parent_s_number_is_another_process(programs, treefall, account, folder):
    """In a pid namespace of its own; it takes neither the parent's brand nor the parent's sentinels."""
    program = programs.make("equal_number", linked_with(treefall.parent))
    as_pid_2 = in_pid_namespace(account, '"$@"; exit $?', "--mount-proc")
    answer = call(account, folder, [*as_pid_2, program])
    assert (answer.status, answer.out) == (0, "alive\n")


def test_pid_1_is_refused(guarded_program, account, folder, tree):
    family = Family(guarded_program, account, folder, "init")
    init = in_user_namespace(account, "--pid", "--fork", "--kill-child")
    ward = Ward(account, folder, [*init, *family.command()])
    tree.add(ward.process)
    assert family.hear() == ("ward", 1)
    ward.tell(f"start {NEVER_MS} {NEVER_MS}")
    assert family.hear() == ("start", EREFUSED)
    ward.tell("0")
    assert ward.popen.wait() == 0
    ward.end()
    family.close()
