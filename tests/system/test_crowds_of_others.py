"""What another user starts in masses takes no room, no time and no line of a report from a guard."""

import json
import os
import signal
import subprocess

import pytest
from support import deadline, needs, proc
from support.forgery import brand_of
from support.lines import Lines
from support.machine import limited
from support.process import Process
from support.waiting import wait_until
from support.ward import Watch

CROWD = 600
STORM_S = 20  # a storm that no test ends has an end of its own
STORMS = 2
TIMED_OUT = 124
MEMBERS = ("plain", "session")
AS_ROOT = pytest.mark.parametrize("account", ["as_root"], indirect=True)


@pytest.fixture
def stranger():
    return needs.stranger()


@pytest.fixture
def start_as_stranger(stranger):
    """It ends with the test."""
    started = []

    def start(words):
        command = stranger.command(words)
        popen = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            cwd="/",
            start_new_session=True,
        )
        started.append(popen)
        return popen

    yield start
    for popen in started:
        os.killpg(popen.pid, signal.SIGKILL)
        popen.stdout.close()
        popen.wait()


@pytest.fixture
def crowd_of(programs, start_as_stranger):
    """Sessions that carry the brand of this process."""

    def start(victim):
        popen = start_as_stranger([programs["carriers"], str(CROWD), *brand_of(victim)])
        lines = Lines(popen.stdout.fileno())
        return [Process.open(int(lines.next(deadline.START_S))) for _ in range(CROWD)]

    return start


@AS_ROOT
def test_carriers_of_a_copied_brand_are_neither_wired_nor_listed_nor_killed(
    treefall, account, folder, tree, ward, family, crowd_of
):
    first, report = folder / "first.json", folder / "fall.json"
    outer = Watch(treefall, account, folder, ward.pid, ["--report", str(first)])
    tree.add(outer.primary)
    strangers = crowd_of(ward.pid)
    inner = Watch(treefall, account, folder, ward.pid, ["--report", str(report)])
    tree.add(inner.primary)
    assert proc.wired_by(inner.primary.pid) <= len(MEMBERS) + 2
    ward.process.send(signal.SIGKILL)
    assert not family.left()
    assert (outer.status(), inner.status()) == (0, 0)
    outer.end(), inner.end()
    for told in (json.loads(path.read_text()) for path in (first, report)):
        listed = {line["pid"] for line in told["fallen"]}
        assert not listed & {process.pid for process in strangers}
        assert (told["survivors"], told["unseen"], told["unwired"]) == ([], [], 0)
    assert all(process.is_alive() for process in strangers)
    for process in strangers:
        process.close()


@AS_ROOT
def test_detached_watch_returns_beside_carriers_of_a_copied_brand(
    treefall, account, folder, tree, call, ward, family, crowd_of
):
    report = folder / "fall.json"
    outer = Watch(treefall, account, folder, ward.pid)
    tree.add(outer.primary)
    strangers = crowd_of(ward.pid)
    outer.primary.send(signal.SIGTERM)  # the brand stays
    outer.status()
    outer.end()
    words = ["watch", "--pid", str(ward.pid), "--detach", "--report", report]
    answer = call(*words, prefix=limited(nofile="256:256"))
    assert (answer.status, answer.err) == (0, "")
    ward.process.send(signal.SIGKILL)
    assert not family.left()
    told = json.loads(wait_until(report.read_text, deadline.FALL_S, "a report"))
    assert {line["pid"] for line in told["fallen"]} >= {family[role].pid for role in MEMBERS}
    assert (told["survivors"], told["unseen"], told["exit_status"]) == ([], [], 0)
    assert all(process.is_alive() for process in strangers)
    for process in strangers:
        process.close()


def test_timeout_comes_in_time_in_a_storm_of_forks_of_another_user(
    treefall, account, call, tree, start_as_stranger
):
    """Each of those forks is an event that this guard reads."""
    needs.route(treefall, account, "events")
    for _ in range(STORMS):
        start_as_stranger(["timeout", str(STORM_S), "sh", "-c", "while :; do (:); done"])
    options = ["--without=cgroup,brand", "--timeout=300ms", "--grace=0"]
    answer = call("run", *options, "--", "sh", "-c", "setsid sleep 1000 & sleep 1000")
    assert answer.status == TIMED_OUT
    assert not tree.wait_gone()
