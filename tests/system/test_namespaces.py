"""Where the numbers that treefall sees are not those of its own pid namespace."""

import json
import signal

import pytest
from support import leavings
from support.ending import OWN_STATUS
from support.machine import in_pid_namespace

ROLES = ("daemon", "session", "stubborn", "orphan")


@pytest.fixture
def launch_inside(launch, account, family, tree):
    """A run in a pid namespace; it returns once the ward and its members have reported."""

    def start(*options):
        run = launch(family.command(*ROLES), options, prefix=in_pid_namespace(account))
        heard = {family.hear()[0] for _ in range(len(ROLES) + 1)}
        assert heard == {"ward", *ROLES}
        tree.record()
        return run

    return start


def named(tree, name):
    """The one process of this name; a number that is printed inside is not ours."""
    found = [process for process in tree.record().living() if process.name == name]
    assert len(found) == 1, found
    return found[0]


# ---- /proc of another pid namespace ----------------------------------------------------------


@pytest.mark.parametrize("words", [["kill", "2"], ["watch", "--pid", "2"], ["tree", "2"]], ids=lambda words: words[0])
def test_process_is_not_looked_up_in_a_foreign_proc(call, account, tree, words):
    """Outside, 2 is kthreadd, and its children are 3, 4 and on: the numbers of innocents inside."""
    innocents = "for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done"
    check = 'count=0; for pid in $(seq 2 9); do kill -0 $pid && count=$((count + 1)); done; echo $count'
    script = f'{innocents}; "$@"; status=$?; {check}; kill $(seq 2 9); exit $status'
    answer = call(*words, prefix=in_pid_namespace(account, script))
    assert (answer.status, answer.out) == (125, "8\n")
    assert "/proc belongs to another pid namespace" in answer.complaint


@pytest.mark.parametrize("without", ["environ", "cgroup", "brand"])
def test_tree_is_killed_with_a_foreign_proc(launch_inside, account, folder, tree, without):
    if without == "brand" and (account.uid != 0 or not leavings.has_cgroups()):
        pytest.skip("without brand and cgroup nothing can be found here, and that is refused")
    report = folder / "fall.json"
    run = launch_inside(f"--without={without}", "--report", report)
    run.tell(f"exit {OWN_STATUS}")
    assert run.status() == OWN_STATUS
    assert not tree.wait_gone()
    assert json.loads(report.read_text())["survivors"] == []


def test_sentinel_kills_by_brand_with_a_foreign_proc(launch_inside, tree):
    run = launch_inside("--without=cgroup")
    wrapper = named(tree, "treefall")
    wrapper.send(signal.SIGKILL)
    run.status()
    assert not tree.wait_gone()


def test_run_is_refused_when_only_a_foreign_proc_could_find_the_tree(call, account):
    answer = call("run", "--without=cgroup,brand", "--", "true", prefix=in_pid_namespace(account))
    assert answer.status == 125
    assert "/proc belongs to another pid namespace" in answer.complaint


def test_doctor_names_a_foreign_proc(call, account):
    answer = call("doctor", "--json", prefix=in_pid_namespace(account))
    told = json.loads(answer.out)
    checks = {check["check"]: check for check in told["checks"]}
    assert "another pid namespace" in checks["procfs"]["advice"]
    routes = {row["route"]: row for row in told["guarantee"]}
    assert "another pid namespace" in routes["lineage"]["why_not"]
    assert "another pid namespace" in routes["parent-link"]["why_not"]
