"""Where clocks and start times are not those of the first time namespace."""

import json
import os
from pathlib import Path

import pytest
from support import binary
from support.call import call as make_call
from support.machine import in_user_namespace, unshared

ENOTARMED = -3
CANNOT_SHIFT = 77


def booted(account, seconds_ago):
    """A time namespace whose boot was so long ago: all that is older has a negative start time."""
    up_s = int(float(Path("/proc/uptime").read_text().split()[0]))
    return unshared(account, "--time", "--fork", f"--boottime=-{up_s - seconds_ago}")


@pytest.mark.parametrize("words", [["kill", "--dry-run"], ["tree"]], ids=lambda words: words[0])
def test_ancestor_that_is_older_than_the_clock_is_known(call, account, words):
    answer = call(*words, str(os.getpid()), prefix=booted(account, 1))
    if words[0] == "kill":
        assert (answer.status, answer.out) == (125, "")
        assert "own ancestor" in answer.complaint
    else:
        assert answer.status == 0


def test_child_of_a_process_that_is_older_than_the_clock_is_found(launch, call, account, family):
    """Both have a negative start time, or the child alone has a positive one."""
    run = launch(family.command("plain", "session"), [])
    family.gather("plain", "session")
    answer = call("kill", "--dry-run", str(family.ward.pid), prefix=booted(account, 1))
    found = answer.out
    run.wrapper.send(15)
    run.status()
    assert all(f" {process.pid} " in found for process in family.processes)


@pytest.mark.parametrize("account", ["as_root"], indirect=True)
def test_events_are_not_armed_where_their_stamps_are_of_another_clock(call, account, need_events):
    need_events()
    answer = call("doctor", "--json", prefix=unshared(account, "--time", "--fork", "--monotonic=1000"))
    routes = {row["route"]: row for row in json.loads(answer.out)["guarantee"]}
    assert not routes["events"]["armed"]
    assert "time namespaces" in routes["events"]["why_not"]


def test_library_does_not_start_a_sentinel_with_another_clock(programs, treefall, account, folder):
    """It would take the ward's beats for old ones, and kill it."""
    library = treefall.parent
    flags = [f"-I{binary.REPOSITORY / 'include'}", f"-L{library}", f"-Wl,-rpath,{library}", "-ltreefall"]
    program = programs.make("other_clock", flags)
    answer = make_call(account, folder, [*in_user_namespace(account), program])
    if answer.status == CANNOT_SHIFT:
        pytest.skip("this kernel gives no time namespace")
    assert (answer.status, answer.out) == (0, f"{ENOTARMED}\n")
