"""What a tree uses up: a guard keeps the descriptors that it needs, whatever the crowd."""

import json
import re
import signal
import subprocess
from pathlib import Path

import pytest
from support import deadline, proc
from support.machine import limited
from support.waiting import wait_until
from support.ward import Ward, Watch, partner_of

CROWD = 700  # two descriptors each are more than a usual limit
LIMITS = {"soft": "1024:4096", "hard": "1024:1024", "low": "128:128"}


@pytest.fixture
def crowd_ward(account, folder, tree, family):
    """A ward that runs already, and its crowd."""
    ward = Ward(account, folder, family.command(f"crowd={CROWD}"))
    tree.add(ward.process)
    assert family.await_report("crowd") == CROWD
    family.gather()
    yield ward
    tree.end()
    ward.end()


def members_of(family):
    """The identities of all that show the roster: 700 pidfds are many."""
    table = proc.rows()
    mark = str(family.roster)
    return {
        (row.pid, row.start_ticks) for row in table.values() if mark in proc.command_line(row.pid)
    }


def await_all_gone(members):
    def are_gone():
        table = proc.rows().values()
        return not members & {(row.pid, row.start_ticks) for row in table if row.state not in "ZX"}

    wait_until(are_gone, deadline.START_S, "nobody is left")


@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS)
def test_detached_watch_of_a_crowd_returns_and_its_report_is_whole(
    call, crowd_ward, family, folder, limit
):
    report = folder / "fall.json"
    words = ["watch", "--pid", str(crowd_ward.pid), "--detach", "--report", report]
    answer = call(*words, prefix=limited(nofile=limit))
    assert (answer.status, answer.err) == (0, "")
    members = members_of(family)
    assert len(members) > CROWD
    crowd_ward.process.send(signal.SIGKILL)
    await_all_gone(members)
    told = json.loads(wait_until(report.read_text, deadline.FALL_S, "a report"))
    assert {line["pid"] for line in told["fallen"]} >= {pid for pid, _ in members} - {
        crowd_ward.pid
    }
    assert (told["survivors"], told["exit_status"]) == ([], 0)
    assert (told["unwired"] > 0) is (limit != LIMITS["soft"])


@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS)
def test_crowd_of_run_falls_with_the_wrapper(launch, family, limit):
    run = launch(family.command(f"orphans={CROWD}"), prefix=limited(nofile=limit))
    assert family.await_report("orphans") == CROWD
    family.gather()
    members = members_of(family)
    assert len(members) > CROWD
    run.wrapper.send(signal.SIGKILL)
    await_all_gone(members)


@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS)
def test_command_has_the_caller_s_limit(call, limit):
    show = ["sh", "-c", "ulimit -Sn; ulimit -Hn"]
    answer = call("run", "--", *show, prefix=limited(nofile=limit))
    assert answer.out.split() == limit.split(":")


@pytest.mark.parametrize("name", ["cpu", "rttime", "fsize", "as", "data"])
def test_command_has_the_caller_s_soft_limit(call, name):
    """The guards raise their own."""
    show = ["prlimit", f"--{name}", "--noheadings", "--raw", "--output=SOFT,HARD"]
    answer = call("run", "--", *show, prefix=limited(**{name: "800000000:900000000"}))
    assert answer.out.split() == ["800000000", "900000000"]


def test_report_may_be_larger_than_the_caller_s_soft_limit_of_files(call, folder):
    answer = call("run", "--report", "fall.json", "--", "true", prefix=limited(fsize="0:unlimited"))
    assert (answer.status, answer.err) == (0, "")
    assert json.loads((folder / "fall.json").read_text())["exit_status"] == 0


def test_command_is_not_told_that_its_guard_has_used_processor_time(launch, listener, account):
    """The kernel sends SIGXCPU to the wrapper at its first tick, and raises the limit by a second."""
    run = launch(listener.command())
    listener.gather()
    hard = account.command(["prlimit", f"--pid={run.wrapper.pid}", "--cpu=0:100"])
    subprocess.run(hard, check=True)

    def is_told():
        run.wrapper.send(signal.SIGWINCH)
        assert listener.hear() == ("got", signal.SIGWINCH)
        limits = Path(f"/proc/{run.wrapper.pid}/limits").read_text()
        return int(re.search(r"^Max cpu time +(\d+)", limits, re.M)[1]) > 0

    wait_until(is_told, deadline.START_S, "a tick of the wrapper's")
    for _ in range(3):
        is_told()
    run.wrapper.send(signal.SIGKILL)
    assert not listener.left()


def test_wire_is_proven_where_no_signal_may_be_queued(call):
    """A real-time signal needs room in the queue that RLIMIT_SIGPENDING bounds; SIGKILL needs none."""
    told = json.loads(call("doctor", "--json", prefix=limited(sigpending=0)).out)
    (wire,) = [row for row in told["guarantee"] if row["route"] == "wire"]
    assert (wire["armed"], wire["why_not"]) == (True, None)


def await_two_turns(guard):
    """The guard looks at the tree now and then, and waits again."""

    def turns():
        lines = Path(f"/proc/{guard.pid}/status").read_text()
        return int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", lines, re.M)[1])

    before = turns()
    wait_until(lambda: turns() > before + 1, deadline.START_S, "two turns of the guard")


@pytest.mark.parametrize("count", [0, 8, 20])
def test_watch_whose_limit_is_lowered_meanwhile_kills_or_says_that_it_cannot(
    treefall, account, folder, tree, family, count
):
    roles = ("plain", "session", "daemon")
    report = folder / "fall.json"
    ward = Ward(
        account, folder, ["sh", "-c", 'read -r go && exec "$@"', "sh", *family.command(*roles)]
    )
    tree.add(ward.process)
    account.await_process(ward.pid)
    watch = Watch(treefall, account, folder, ward.pid, ["--report", str(report)])
    tree.add(watch.primary)
    partner = tree.add(partner_of(watch.primary))
    ward.tell("go")
    family.gather(*roles)
    for guard in (watch.primary, partner):
        words = ["prlimit", f"--pid={guard.pid}", f"--nofile={count}:{count}"]
        subprocess.run(account.command(words), check=True)
    await_two_turns(watch.primary)
    ward.process.send(signal.SIGKILL)
    status = watch.status()
    if status == 0:
        assert not family.left()
        assert json.loads(report.read_text())["survivors"] == []
    else:
        assert status == 125 and "Too many open files" in watch.stderr()
    tree.end()
    ward.end()
    watch.end()
