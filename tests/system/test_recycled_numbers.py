"""A number outlives its owner: whoever gets it next is judged by what it is itself.

In a pid namespace a process with the right for it may choose the number of a child, so what takes
days on a busy machine is forced here."""

import json
from pathlib import Path

import pytest
from support.call import call as call_words
from support.machine import in_pid_namespace

SCRIPT = (Path(__file__).parent / "programs/recycled.py").read_text()
ROUTES = ("", "cgroup", "cgroup,subreaper", "cgroup,brand", "cgroup,brand,events")


@pytest.fixture
def recycle(account, folder, programs, treefall):
    """Play a scenario of programs/recycled.py; returns what it found."""

    def play(scenario, *options):
        namespace = in_pid_namespace(account, '"$@"; exit $?', "--mount-proc")
        preload = programs.make("recycle", ["-shared", "-fPIC", "-ldl"])
        words = [
            "python3",
            "-c",
            SCRIPT,
            scenario,
            treefall,
            programs["renumber"],
            preload,
            *options,
        ]
        answer = call_words(account, folder, [*namespace, *words], limit_s=90)
        assert answer.status == 0, answer.err
        return json.loads(answer.out.splitlines()[-1])

    return play


def without(routes):
    return ["--without", routes] if routes else []


@pytest.mark.parametrize("routes", ROUTES)
def test_a_member_with_the_number_of_a_lost_sentinel_is_killed(recycle, routes):
    found = recycle("lost_sentinel", *without(routes))
    assert found == {"status": 7, "member": False, "survivors": 0}


def test_a_member_with_the_number_of_a_dead_launcher_is_killed(recycle):
    assert recycle("launcher") == {"member": False, "survivors": 0}


def test_a_member_with_the_number_of_a_lost_primary_is_killed(recycle):
    assert recycle("lost_primary") == {"member": False, "survivors": 0}


@pytest.mark.parametrize("routes", ROUTES)
def test_a_stranger_with_the_number_of_the_ward_is_not_signalled(recycle, routes):
    found = recycle("dead_ward", *without(routes))
    assert found == {"stranger": True, "member": False, "survivors": 0}


def test_a_stranger_with_the_number_of_a_member_is_not_branded(recycle):
    found = recycle("before_the_brand")
    assert found == {"stranger": True, "branded": False, "status": 0, "survivors": 0}


def test_a_kill_of_a_dead_number_finds_the_orphans_of_its_last_owner(recycle):
    found = recycle("last_ward_of_a_number")
    assert found == {"stranger": True, "member": False, "status": 0}


def test_an_environment_names_a_ward_by_its_start_time_too(recycle):
    found = recycle("environment_of_a_dead_ward")
    assert found == {"stranger": True, "member": False, "status": 0}
