"""Whatever ends, nothing of the tree survives it: not on any rung of the ladder, not as any user."""

import json
import os
import signal

import pytest
from support import deadline, ending, leavings, needs
from support.family import ALL_KINDS

ROUTES = ("", "cgroup", "cgroup,brand", "cgroup,subreaper", "cgroup,wire", "cgroup,events")
BOTH_RUNS = 10  # in each of the two orders


EXIT_GRACE = "--exit-grace=50ms"  # the stubborn use it up


def start(launch, family, *options, kinds=ALL_KINDS):
    run = launch(family.command(*kinds), [EXIT_GRACE, *options])
    family.gather(*kinds)
    return run


def without(routes):
    return ["--without", routes] if routes else []


@pytest.mark.parametrize("end", ending.BY_GUARDS, ids=lambda end: end.__name__)
@pytest.mark.parametrize("routes", ROUTES, ids=lambda routes: f"without_{routes or 'nothing'}")
def test_nothing_survives(launch, family, tree, folder, end, routes, need_events):
    if routes == "cgroup,brand" and end in ending.BY_THE_SENTINEL:
        need_events()
    run = start(launch, family, *without(routes))
    cgroup = leavings.cgroup_of(family.ward.pid)
    end(run, family)
    assert not family.left(), run.stderr()
    assert not tree.wait_gone()
    assert not leavings.runtime_files(folder)
    assert cgroup is None or not cgroup.exists()


@pytest.mark.parametrize("routes", [routes for routes in ROUTES if "wire" not in routes])
def test_the_kernel_fells_when_all_three_are_killed(launch, family, tree, routes):
    """Nobody is left to look: the wire kills what it was armed for, here the ward's group."""
    kinds = ("plain", "stubborn")
    run = start(launch, family, *without(routes), kinds=kinds)
    ending.all_three_are_killed(run, family)
    assert not family.left(), run.stderr()
    assert not tree.wait_gone()


def test_a_wrapper_killed_once_its_guards_are_dismissed(launch, make_family, folder):
    """Who is alone has tidied up."""
    for number in range(BOTH_RUNS):
        family = make_family(f"roster{number}")
        run = start(launch, family, "--heartbeat", "auto", kinds=("plain",))
        cgroup = leavings.cgroup_of(family.ward.pid)
        sentinel = run.sentinel()
        run.tell("exit 7")
        assert sentinel.wait_gone(deadline.FALL_S)
        run.wrapper.send(signal.SIGKILL)
        assert cgroup is None or not cgroup.exists()
        assert not leavings.runtime_files(folder)
        run.status()


def test_the_next_run_removes_what_a_killed_one_left(launch, call, family, tree):
    run = start(launch, family, kinds=("plain", "stubborn"))
    cgroup = leavings.cgroup_of(family.ward.pid)
    ending.all_three_are_killed(run, family)
    assert not tree.wait_gone()
    assert call("run", "--", "true").status == 0
    assert cgroup is None or not cgroup.exists()


def test_doctor_tells_what_it_removed(launch, call, family, tree):
    run = start(launch, family, kinds=("plain", "stubborn"))
    cgroup = leavings.cgroup_of(family.ward.pid)
    ending.all_three_are_killed(run, family)
    assert not tree.wait_gone()
    removed = json.loads(call("doctor", "--json").out)["cgroups_removed"]
    assert cgroup is None or (removed >= 1 and not cgroup.exists())


@pytest.mark.parametrize("account", ["as_root"], indirect=True)
def test_cgroups_that_the_command_nested_deep_are_removed(launch):
    needs.writable_cgroup()
    nest = 'read -r where; cd "$where" && for n in $(seq 40); do mkdir x && cd x || exit 1; done'
    run = launch(["sh", "-c", f"echo $$; {nest}"])
    cgroup = leavings.cgroup_of(int(run.hear()))
    run.tell(str(cgroup))
    assert run.status() == 0
    assert not cgroup.exists()


def test_nobody_removes_the_folder_of_a_living_run(launch, call, family, tree):
    run = start(launch, family)
    cgroup = leavings.cgroup_of(family.ward.pid)
    for _ in range(3):
        assert call("run", "--", "true").status == 0
    assert cgroup is None or cgroup.exists()
    run.tell("exit 3")
    assert run.status() == 3
    assert cgroup is None or not cgroup.exists()


def test_the_cgroup_is_used_where_there_is_one(launch, family, account):
    run = start(launch, family)
    cgroups = {leavings.cgroup_of(process.pid) for process in family.processes}
    if os.geteuid() == 0 and account.uid == 0 and leavings.has_cgroups():
        assert len(cgroups) == 1 and None not in cgroups
    run.tell("exit 0")
    assert run.status() == 0


@pytest.mark.parametrize("end", [ending.both_are_killed, ending.both_are_killed_sentinel_first])
def test_both_guards_killed_many_times(launch, make_family, tree, end):
    for number in range(BOTH_RUNS):
        family = make_family(f"roster{number}")
        run = start(launch, family)
        end(run, family)
        assert not family.left(), f"in run {number}: {run.stderr()}"
    assert not tree.wait_gone()


def test_a_stopped_member_falls(launch, family):
    run = start(launch, family, kinds=("stopped", "session"))
    run.tell("exit 0")
    assert run.status() == 0
    assert not family.left()


def test_a_stopped_ward_falls(launch, family):
    run = start(launch, family, kinds=("daemon",))
    family.ward.send(signal.SIGSTOP)
    run.wrapper.send(signal.SIGKILL)
    assert not family.left()


@pytest.mark.parametrize("routes", ["", "cgroup", "cgroup,brand"])
def test_a_tree_whose_every_parent_is_dead(launch, family, tree, routes):
    run = launch(family.command("orphans=200"), without(routes))
    assert family.await_report("orphans") == 200
    family.gather()
    assert len(tree.record().living()) >= 200
    family.ward.send(signal.SIGKILL)
    assert run.status() == 128 + signal.SIGKILL
    assert not tree.wait_gone()


def test_a_tree_whose_every_parent_is_dead_and_the_wrapper_too(launch, family, tree):
    run = launch(family.command("orphans=200"))
    assert family.await_report("orphans") == 200
    family.gather()
    assert len(tree.record().living()) >= 200
    ending.kill_together(family.ward, run.wrapper)
    assert not tree.wait_gone()
