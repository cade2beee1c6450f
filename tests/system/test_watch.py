"""`treefall watch`: a process that runs already, started by someone else, falls with all it starts."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from support import deadline, ending, leavings, needs, proc
from support.account import Account
from support.process import Process
from support.waiting import wait_until
from support.ward import Watch, partner_of

ROUTES = ("", "brand", "events", "brand,events")
BEFORE = ("plain", "session", "stubborn")  # born before the watch began
LATER = ("daemon", "orphan", "plain")  # born after it, some with parents that are dead at once
NOBODY = 65534
ROOT = Account("as_root", 0, 0)
NEVER = "1h"


@pytest.fixture
def ward(start_ward, family):
    """A family that runs already."""
    ward = start_ward(family.command(*BEFORE))
    family.gather(*BEFORE)
    return ward


@pytest.fixture
def watch(treefall, account, folder, tree, ward):
    """Start `treefall watch` on the ward; it is armed when this returns."""
    watches = []

    def start(*options):
        watch = Watch(treefall, account, folder, ward.pid, options)
        watches.append(watch)
        tree.add(watch.primary)
        return watch

    yield start
    tree.end()
    for watch in watches:
        watch.end()


@pytest.fixture
def detach(call, ward, tree):
    """Call `treefall watch --detach` on the ward; returns the sentinel that stays."""

    def start(*options):
        answer = call("watch", "--pid", str(ward.pid), "--detach", "--json", *options)
        assert (answer.status, answer.err) == (0, "")
        return tree.add(Process.open(json.loads(answer.out)["sentinel"]))

    return start


@pytest.fixture
def beat(folder, account):
    """A heartbeat file that beats now, and whenever it is called; returns when that was."""

    def touch():
        now = time.monotonic()
        with open(path, "ab"):
            account.take(path)
        os.utime(path)
        return now

    path = touch.path = folder / "beat"
    touch.option = ["--heartbeat", str(path)]
    touch()
    return touch


def grow(ward, family):
    """More members, born while the watch is on."""
    for role in LATER:
        ward.tell(f"start {role}")
    family.await_members(*LATER)


# ---- the three triggers ----


@pytest.mark.parametrize("routes", ROUTES, ids=lambda routes: f"without_{routes or 'nothing'}")
def test_the_ward_s_death(watch, ward, family, tree, folder, routes):
    """With a tree whose parents are dead and daemons that are younger than the watch."""
    report = folder / "report.json"
    guard = watch("--report", str(report), *(["--without", routes] if routes else []))
    brand = "brand" not in routes
    if brand:
        grow(ward, family)
    ward.process.send(signal.SIGKILL)
    assert not family.left()
    assert guard.status() == 0, guard.stderr()
    assert not tree.wait_gone()
    told = json.loads(report.read_text())
    assert (told["trigger"], told["ward"]["pid"], told["exit_status"]) == ("ward-dead", ward.pid, 0)
    assert {route["route"]: route["armed"] for route in told["guarantee"]}["brand"] is brand
    felled = {line["pid"] for line in told["fallen"]}
    assert {process.pid for process in family.processes} - {ward.pid} <= felled
    assert not told["survivors"]


def test_the_ward_ends_by_itself(watch, ward, family):
    guard = watch()
    ward.tell("exit 3")
    assert guard.status() == 0
    assert not family.left()


def test_a_stale_heartbeat(watch, ward, family, tree, beat, folder):
    report = folder / "report.json"
    guard = watch(*beat.option, "--kill-delay", "300ms", "--report", str(report))
    beat()
    grow(ward, family)
    assert guard.status() == 0, guard.stderr()
    assert not family.left()
    assert not tree.wait_gone()
    assert json.loads(report.read_text())["trigger"] == "stale"


def test_a_missing_heartbeat(watch, ward, family, beat, folder):
    """At once, whatever the delays are, from the attestation on."""
    report = folder / "report.json"
    delays = ("--kill-delay", NEVER, "--startup-grace", NEVER)
    guard = watch(*beat.option, *delays, "--report", str(report))
    beat.path.unlink()
    assert guard.status() == 0, guard.stderr()
    assert not family.left()
    assert json.loads(report.read_text())["trigger"] == "heartbeat-missing"


# ---- when ----


def test_one_delay_after_the_last_beat(watch, ward, beat):
    watch(*beat.option, "--kill-delay", "1s")
    for _ in range(2):
        assert not ward.process.wait_gone(0.6)
        last = beat()
    assert_one_delay(ward, last)


def test_one_delay_after_a_beat_from_before_the_watch(watch, ward, beat):
    last = beat()
    watch(*beat.option, "--kill-delay", "1s")
    assert_one_delay(ward, last)


def assert_one_delay(ward, last, delay_s=1.0):
    assert ward.process.wait_gone(deadline.FALL_S)
    silence = time.monotonic() - last
    assert delay_s <= silence < 2 * delay_s


@pytest.mark.parametrize("file", ["absent", "old"])
def test_the_first_beat_has_the_startup_grace(watch, ward, beat, folder, file):
    report = folder / "report.json"
    if file == "absent":
        beat.path.unlink()
    else:
        os.utime(beat.path, (1, 1))
    began = time.monotonic()
    options = ("--kill-delay", "100ms", "--startup-grace", "700ms", "--report", str(report))
    guard = watch(*beat.option, *options)
    assert ward.process.wait_gone(deadline.FALL_S)
    assert time.monotonic() - began >= 0.7
    assert guard.status() == 0
    expected = {"absent": "heartbeat-missing", "old": "stale"}[file]
    assert json.loads(report.read_text())["trigger"] == expected


def test_a_first_beat_ends_the_startup_grace(watch, ward, beat):
    os.utime(beat.path, (1, 1))
    watch(*beat.option, "--kill-delay", "300ms", "--startup-grace", NEVER)
    beat()
    assert ward.process.wait_gone(deadline.FALL_S)


def test_asked_before_it_is_forced(start_ward, listener, treefall, account, folder, tree, beat):
    """--grace: the ward hears of its end, and has its time to go."""
    ward = start_ward(listener.command(f"{signal.SIGUSR1.value}=5"))
    listener.gather()
    options = [*beat.option, "--kill-delay", "200ms", "--signal", "USR1", "--grace", NEVER]
    guard = Watch(treefall, account, folder, ward.pid, options)
    tree.add(guard.primary)
    assert listener.hear() == ("got", signal.SIGUSR1.value)
    assert guard.status() == 0
    assert ward.popen.wait() == 5
    guard.end()


# ---- detached ----


def test_detached_it_outlives_its_caller(detach, ward, family, tree):
    primary = detach()
    partner = tree.add(partner_of(primary))
    assert primary.is_alive() and ward.process.is_alive()
    grow(ward, family)
    ward.process.send(signal.SIGKILL)
    assert not family.left()
    assert primary.wait_gone(deadline.FALL_S) and partner.wait_gone(deadline.FALL_S)
    assert not tree.wait_gone()


def test_detached_it_is_armed_when_the_call_returns(detach, ward, family):
    """Not a moment later: the ward dies right then."""
    detach()
    ward.process.send(signal.SIGKILL)
    assert not family.left()


def test_detached_it_says_what_it_cannot(call, ward):
    answer = call("watch", "--pid", str(ward.pid), "--detach", "--heartbeat", "/nowhere/beat")
    assert answer.status == 125
    assert "/nowhere" in answer.complaint or "heartbeat" in answer.complaint
    assert ward.process.is_alive()


def test_in_words(call, ward, tree):
    answer = call("watch", "--pid", str(ward.pid), "--detach")
    start, _, armed = answer.out.partition(", armed: ")
    assert start.startswith(f"watching {ward.pid}, sentinel ")
    assert "brand" in armed.strip().split(", ")
    tree.add(Process.open(int(start.split()[-1]))).send(signal.SIGTERM)


# ---- the pair ----


def test_either_takes_the_other_s_place(detach, ward, family, tree):
    """Three lost primaries and three lost partners later the tree still falls, but not before."""
    primary = detach()
    partner = tree.add(partner_of(primary))
    for _ in range(3):
        primary.send(signal.SIGKILL)
        primary, partner = partner, tree.add(partner_of(partner))
        partner.send(signal.SIGKILL)
        assert partner.wait_gone(deadline.FALL_S)
        partner = tree.add(partner_of(primary))
    grow(ward, family)
    assert family.living() == sorted([*BEFORE, *LATER, "ward"])
    ward.process.send(signal.SIGKILL)
    assert not family.left()
    assert not tree.wait_gone()


def test_the_partner_hears_the_heart(watch, ward, family, beat):
    """A ward that hangs while the pair changes is not forgiven for the startup grace."""
    guard = watch(*beat.option, "--kill-delay", "300ms", "--startup-grace", NEVER)
    beat()
    ending.kill_together(guard.primary)
    assert not family.left()


def test_the_partner_keeps_the_startup_grace(watch, ward, beat):
    """A ward that still starts is not felled early because a guard was lost."""
    beat.path.unlink()
    began = time.monotonic()
    guard = watch(*beat.option, "--kill-delay", "50ms", "--startup-grace", "700ms")
    ending.kill_together(guard.primary)
    assert ward.process.wait_gone(deadline.FALL_S)
    assert time.monotonic() - began >= 0.7


def freeze(*processes):
    for process in processes:
        process.send(signal.SIGSTOP)
    for process in processes:
        wait_until(
            lambda process=process: proc.row(process.pid).state == "T",
            deadline.ANSWER_S,
            "it is stopped",
        )


@pytest.mark.parametrize("order", [1, -1], ids=["primary_first", "partner_first"])
def test_both_killed_back_to_back(detach, ward, family, start_ward, tree, order):
    """The kernel fells what the wire was armed for when the watch said so; no innocent beside it."""
    beside = start_ward(["sleep", "1000"], process_group=os.getpgid(ward.pid))
    primary = detach()
    pair = [primary, tree.add(partner_of(primary))]
    freeze(*pair)  # else the second may have a partner of its own before its turn comes
    ending.kill_together(*pair[::order])
    assert not family.left()
    assert beside.process.is_alive()


def test_a_stop_signal_disarms(watch, ward, family, tree, folder, beat):
    guard = watch(*beat.option, "--kill-delay", "200ms", "--startup-grace", "200ms")
    partner = tree.add(partner_of(guard.primary))
    guard.primary.send(signal.SIGTERM)
    assert guard.status() == 0
    assert partner.wait_gone(deadline.FALL_S)
    assert not ward.process.wait_gone(0.5)
    assert family.living() == sorted([*BEFORE, "ward"])
    assert not leavings.runtime_files(folder)


def test_watched_again_after_a_disarm(watch, ward, family):
    """The brand of the first watch is still on it."""
    first = watch()
    first.primary.send(signal.SIGTERM)
    assert first.status() == 0
    second = watch()
    grow(ward, family)
    ward.process.send(signal.SIGKILL)
    assert second.status() == 0
    assert not family.left()


def test_the_tenth_watch_of_a_ward_arms_the_brand_too(watch, ward, family):
    """Nine came before it: some are still there, and each of them kills the tree as well."""
    for _ in range(6):
        gone = watch()
        gone.primary.send(signal.SIGTERM)
        assert gone.status() == 0
    guards = [watch() for _ in range(4)]
    assert all("brand" in guard.attested["armed"] for guard in guards)
    grow(ward, family)
    ward.process.send(signal.SIGKILL)
    assert [guard.status() for guard in guards] == [0] * 4
    assert not family.left()


def test_a_bystander_in_the_ward_s_group_lives(watch, ward, family, start_ward):
    beside = start_ward(["sleep", "1000"], process_group=os.getpgid(ward.pid))
    guard = watch()
    ward.process.send(signal.SIGKILL)
    assert guard.status() == 0
    assert not family.left()
    assert beside.process.is_alive()


# ---- who and what is refused ----


@pytest.fixture
def foreign_ward(start_ward, make_family, account):
    """A family of another user's: root's for the user, nobody's for root."""
    needs.root()
    other = ROOT if account.uid else needs.becoming(Account("as_nobody", NOBODY, NOBODY))
    family = make_family("foreign")
    other.take(family.roster)
    start_ward(family.command("plain", "session"), other)
    return family.gather("plain", "session")


def test_another_user_s_process(call, foreign_ward, account):
    """Root may watch anybody's; a user is told whom to ask."""
    answer = call("watch", "--pid", str(foreign_ward.ward.pid), "--detach")
    if account.uid == 0:
        assert (answer.status, answer.err) == (0, "")
        foreign_ward.ward.send(signal.SIGKILL)
        assert not foreign_ward.left()
    else:
        assert answer.status == 125
        assert "another user" in answer.complaint and "as root" in answer.complaint
        assert foreign_ward.living() == ["plain", "session", "ward"]


def dead_pid():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


@pytest.mark.parametrize(
    ("pid", "words"),
    [
        (lambda: 1, "pid 1"),
        (os.getpid, "ancestor"),
        (dead_pid, "does not exist"),
    ],
    ids=["init", "ancestor", "dead"],
)
def test_refused_processes(call, pid, words):
    answer = call("watch", "--pid", str(pid()), "--detach")
    assert answer.status == 125
    assert words in answer.complaint


def test_itself_is_refused(call):
    answer = call("watch", prefix=["sh", "-c", 'exec "$@" --pid $$', "sh"])
    assert answer.status == 125
    assert "ancestor" in answer.complaint


def test_a_report_that_cannot_be_written_at_the_end_is_said(watch, ward, family, folder, account):
    reports = account.make_folder(folder / "reports")
    guard = watch("--report", "reports/fall.json")
    reports.rmdir()
    ward.tell("exit 0")
    assert guard.status() == 125
    assert "reports/fall.json: No such file or directory" in guard.stderr()
    assert not family.left()


def make_folder(path):
    path.mkdir()


def make_symlink(path):
    target = path.with_name("target")
    target.touch()
    path.symlink_to(target)


def make_foreign(path):
    needs.root()
    path.touch()
    os.chown(path, NOBODY, NOBODY)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (make_folder, "folder"),
        (make_symlink, "symlink"),
        (make_foreign, "another user's"),
        (os.mkfifo, "pipe"),
    ],
    ids=["folder", "symlink", "foreign", "fifo"],
)
@pytest.mark.parametrize("more", [[], ["--detach"]], ids=["foreground", "detached"])
def test_refused_heartbeats(call, ward, folder, make, words, more):
    path = folder / "odd"
    make(path)
    answer = call("watch", "--pid", str(ward.pid), "--heartbeat", str(path), *more)
    assert answer.status == 125
    assert words in answer.complaint and str(path) in answer.complaint
    assert ward.process.is_alive()


def test_a_heartbeat_that_becomes_another_user_s(watch, ward, family, beat):
    """It does not keep the ward alive: it is as good as gone."""
    needs.root()
    guard = watch(*beat.option, "--kill-delay", "300ms", "--startup-grace", NEVER)
    os.chown(beat.path, NOBODY, NOBODY)
    os.utime(beat.path)
    assert guard.status() == 0
    assert not family.left()


def test_without_a_pid(call):
    answer = call("watch")
    assert answer.status == 125
    assert "--pid" in answer.complaint
