"""What another user can copy proves nothing: a brand stands in /proc/PID/limits for anyone to read,
any user may lower a limit of his own to it, and TREEFALL_WARD is text."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from support import deadline, ending, needs, proc
from support.forgery import Forger, brand_of
from support.process import Process
from support.waiting import wait_until
from support.ward import Ward, Watch

MEMBERS = ("daemon", "plain", "session")
AS_ROOT = pytest.mark.parametrize("account", ["as_root"], indirect=True)
ROUTES = ("", "cgroup", "cgroup,subreaper", "cgroup,subreaper,events")


@pytest.fixture
def stranger():
    return needs.stranger()


@pytest.fixture
def forge(programs, stranger):
    forgers = []

    def start(victim, **claims):
        forger = Forger(programs["forger"], stranger, victim, **claims)
        forgers.append(forger)
        assert brand_of(forger.pid) == brand_of(victim)
        return forger

    yield start
    for forger in forgers:
        forger.end()


@pytest.fixture
def guarded(launch, family):
    """A family under `treefall run`; returns the run."""
    runs = []

    def start(*options):
        runs.append(launch(family.command(*MEMBERS), options))
        family.gather(*MEMBERS)
        return runs[-1]

    yield start
    for run in runs:
        run.wrapper.send(signal.SIGTERM)
        run.status()


def assert_whole(family):
    assert family.living() == sorted([*MEMBERS, "ward"])


def dead_process():
    """The identity of a process that has ended."""
    popen = subprocess.Popen(["sleep", "0"])
    process = Process.of_child(popen.pid)
    popen.wait()
    return process


# ---- root is pointed at a copy ----------------------------------------------------------------


@AS_ROOT
def test_a_kill_of_a_forger_kills_the_forger_alone(call, guarded, family, forge):
    guarded()
    forger = forge(family.ward.pid)
    answer = call("kill", str(forger.pid))
    assert answer.status == 0
    assert forger.process.wait_gone(deadline.FALL_S)
    assert_whole(family)


@AS_ROOT
def test_a_kill_of_a_dead_number_that_a_forger_claims_kills_the_forger_alone(
    call, guarded, family, forge
):
    needs.capability("CAP_SYS_PTRACE", "reading another user's environment")
    guarded()
    dead = dead_process()
    forger = forge(family.ward.pid, ward=dead.pid, start=dead.start_ticks)
    answer = call("kill", str(dead.pid))
    assert answer.status == 0
    assert forger.process.wait_gone(deadline.FALL_S)
    assert_whole(family)


@AS_ROOT
def test_a_forger_s_claim_does_not_hide_the_orphans_of_a_dead_ward(call, guarded, family, forge):
    """It claims the same number, and to be of a ward that started later."""
    run = guarded()
    forger = forge(family.ward.pid, ward=family.ward.pid, start=family.ward.start_ticks + 1)
    guards = [*run.guards(), run.reserve()]
    for guard in guards:
        guard.send(signal.SIGSTOP)
    family.ward.send(signal.SIGKILL)
    answer = call("kill", str(family.ward.pid))
    assert answer.status == 0
    for guard in guards:
        guard.send(signal.SIGCONT)
    assert not family.left()
    assert forger.pid


@AS_ROOT
def test_a_watch_of_a_forger_kills_the_forger_alone(
    treefall, account, folder, tree, guarded, family, forge
):
    guarded()
    forger = forge(family.ward.pid)
    watch = Watch(treefall, account, folder, forger.pid)
    tree.add(watch.primary)
    forger.process.send(signal.SIGKILL)
    assert watch.status() == 0
    watch.end()
    assert_whole(family)


@AS_ROOT
def test_a_watch_of_a_forger_s_parent_kills_those_two_alone(
    treefall, account, folder, tree, guarded, family, forge
):
    """As a guard inside of the tree that is watched would: its brand is taken for one of the tree's."""
    guarded()
    forger = forge(family.ward.pid, prefix=["sh", "-c", '"$@" & wait', "sh"])
    watch = Watch(treefall, account, folder, forger.popen.pid)
    tree.add(watch.primary)
    forger.popen.kill()
    assert watch.status() == 0
    watch.end()
    assert forger.process.wait_gone(deadline.FALL_S)
    assert_whole(family)


# ---- a copy beside a tree that falls ----------------------------------------------------------


@pytest.mark.parametrize("without", ROUTES)
@pytest.mark.parametrize(
    "end", [ending.ward_exits, ending.wrapper_is_killed], ids=lambda end: end.__name__
)
def test_a_copy_is_neither_killed_nor_counted_by_run(guarded, family, forge, folder, end, without):
    report = folder / "fall.json"
    run = guarded("--report", report, *(["--without", without] if without else []))
    forger = forge(family.ward.pid)
    end(run, family)
    assert not family.left()
    wait_until(report.exists, deadline.FALL_S, "the report of the guard that is left")
    assert forger.process.is_alive()
    assert json.loads(report.read_text())["survivors"] == []


@pytest.mark.parametrize("without", ["", "events", "brand"])
def test_a_copy_is_neither_killed_nor_counted_by_watch(
    treefall, account, folder, tree, family, forge, without
):
    report = folder / "fall.json"
    ward = Ward(account, folder, family.command("plain", "session"))
    tree.add(ward.process)
    family.gather("plain", "session")
    options = ["--report", report, *(["--without", without] if without else [])]
    watch = Watch(treefall, account, folder, ward.pid, options)
    tree.add(watch.primary)
    forger = forge(ward.pid) if without != "brand" else None
    ward.process.send(signal.SIGKILL)
    assert watch.status() == 0
    watch.end()
    ward.end()
    assert not family.left()
    assert json.loads(report.read_text())["survivors"] == []
    assert forger is None or forger.process.is_alive()


@pytest.mark.parametrize("account", ["as_user"], indirect=True)
def test_a_copy_is_not_counted_where_all_other_users_look_alike(launch, account, forge, folder):
    """In a user namespace that maps no user: the copy's user has the number of the tree's own."""
    report = folder / "fall.json"
    options = ["--without=subreaper", "--report", report]
    prefix = needs.words(account, ["unshare", "--user"])
    run = launch(["sh", "-c", "echo $$; read -r end"], options, prefix=prefix)
    forger = forge(int(run.hear()))
    run.tell("end")
    assert run.status() == 0
    told = json.loads(report.read_text())
    assert (told["survivors"], told["fallen"]) == ([], [])
    assert forger.process.is_alive()


@pytest.mark.parametrize("account", ["as_user"], indirect=True)
@pytest.mark.parametrize("without", ["cgroup", "cgroup,subreaper,events"])
def test_an_orphan_of_ours_that_is_set_uid_is_killed(launch, account, place, folder, without):
    """Its user is root and ours at once: the one that started it counts."""
    if os.getuid() != 0:
        pytest.skip("making a set-uid program takes root")
    program = place / "suid-sleep"
    shutil.copy("/bin/sleep", program)
    program.chmod(0o4755)
    run = launch(
        ["sh", "-c", f"(setsid {program} 1000 & echo $!); read end"], ["--without", without]
    )
    orphan = Process.open(int(run.hear()))
    wait_until(
        lambda: proc.command_line(orphan.pid).startswith(str(program)), deadline.ANSWER_S, "it runs"
    )
    if f"Uid:\t{account.uid}\t0" not in Path(f"/proc/{orphan.pid}/status").read_text():
        pytest.skip(f"{place} is mounted nosuid")
    run.tell("end")
    assert run.status() == 0
    assert orphan.wait_gone(deadline.FALL_S)


def test_a_copy_does_not_take_the_brand_away(
    treefall, call, guarded, family, forge, account, folder, tree
):
    """A guard that starts inside of the tree takes a step of its own; the copy is asked for none."""
    run = guarded()
    forge(family.ward.pid)
    watch = Watch(treefall, account, folder, family.ward.pid)
    tree.add(watch.primary)
    assert "brand" in watch.attested["armed"]
    os.kill(watch.primary.pid, signal.SIGTERM)
    watch.status()
    watch.end()
    ending.ward_exits(run, family)
    assert not family.left()
