"""Where clocks and start times are not those of the first time namespace."""

import json
import math
import os
from pathlib import Path

import pytest
from support import deadline
from support.call import call as make_call
from support.compiler import linked_with
from support.machine import in_user_namespace, unshared
from support.waiting import wait_until

ENOTARMED = -3
CANNOT_SHIFT = 77


def up_s():
    return float(Path("/proc/uptime").read_text().split()[0])


def booted_after_us(account):
    """A time namespace whose clock began after this process did, whose start time is negative there."""
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    boot_s = math.ceil(ticks / os.sysconf("SC_CLK_TCK"))
    wait_until(lambda: up_s() > boot_s, deadline.START_S, "the clock can begin")
    return unshared(account, "--time", "--fork", f"--boottime=-{boot_s}")


def test_ancestor_that_is_older_than_the_clock_is_known(call, account):
    answer = call("kill", "--dry-run", str(os.getpid()), prefix=booted_after_us(account))
    assert (answer.status, answer.out) == (125, "")
    assert "own ancestor" in answer.complaint


@pytest.mark.parametrize("account", ["as_root"], indirect=True)
def test_events_are_not_armed_where_their_stamps_are_of_another_clock(call, account, need_events):
    need_events()
    answer = call(
        "doctor", "--json", prefix=unshared(account, "--time", "--fork", "--monotonic=1000")
    )
    routes = {row["route"]: row for row in json.loads(answer.out)["guarantee"]}
    assert not routes["events"]["armed"]
    assert "time namespaces" in routes["events"]["why_not"]


def test_library_does_not_start_a_sentinel_with_another_clock(programs, treefall, account, folder):
    """It would take the ward's beats for old ones, and kill it."""
    program = programs.make("other_clock", linked_with(treefall.parent))
    answer = make_call(account, folder, [*in_user_namespace(account), program])
    if answer.status == CANNOT_SHIFT:
        pytest.skip("this kernel gives no time namespace")
    assert (answer.status, answer.out) == (0, f"{ENOTARMED}\n")
